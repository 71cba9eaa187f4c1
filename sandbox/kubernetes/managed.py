"""Clusters that clouds make: what each cloud's package tells of its own.

A package that has clusters has a module `clusters` with the record `MANAGED`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.cloud import CloudObject
from sandbox.errors import Problem

if TYPE_CHECKING:
    from sandbox.kubernetes.cloud import KubernetesCloud


@dataclass(frozen=True, kw_only=True)
class Group:
    """The nodes of a group, which are alike as far as pods can tell."""

    name: str
    most: int
    labels: Mapping[str, str]
    taints: Sequence[Mapping[str, str]]
    """Each with key, value and effect, in Kubernetes' words."""
    allocatable: Mapping[str, Decimal]
    """Resource -> what pods may ask for; memory in bytes."""
    image: str


@dataclass(frozen=True, kw_only=True)
class Driver:
    """A CSI driver that a cloud has."""

    parameters: Callable[[Mapping[str, str]], Iterator[Problem]] = lambda _given: iter(())
    """What is wrong with the parameters of a storage class of it."""
    missing: Callable[[KubernetesCloud], str] = lambda _cloud: ""
    """What a cluster lacks that it needs, such as an add-on; empty where it runs."""


@dataclass(frozen=True, kw_only=True)
class SecretSource:
    """Where a store of the External Secrets Operator fetches values."""

    name: str
    """The cloud's name of the service."""
    type: str
    """Type of the objects that hold them."""
    attributes: tuple[str, ...]
    """Properties of such an object by which a key may name it."""


@dataclass(frozen=True, kw_only=True)
class Managed:
    """The clusters of one cloud."""

    cluster: str
    """Type of the cluster."""
    address: str
    """Path of its property that holds the address of the API server."""
    inner_address: str = ""
    """Path of the one inside the network, where a cluster has two; empty elsewhere."""
    of_server: Callable[[str], str] = lambda server: server
    """Server of a kubeconfig, `https://…` -> value of that property."""
    authority: str
    """Path of its property that holds the certificate of its authority, in base64; the function
    that tells it where none does."""
    certificate: Callable[[CloudObject], str] | None = None
    """A cluster -> that certificate, where no property holds it."""
    version: Callable[[CloudObject], str | None]
    """A cluster -> its version of Kubernetes, `1.32`."""
    groups: Callable[[KubernetesCloud, CloudObject], list[Group]]
    """A cluster -> its node groups."""
    drivers: Mapping[str, Driver]
    """Provisioner -> the driver of that name."""
    classes: Mapping[str, str] = field(default_factory=dict)
    """Storage classes that every cluster has -> their provisioners."""
    default_class: str = ""
    """That of claims which name none; empty without."""
    measures: Callable[[KubernetesCloud], str] = lambda _cloud: ""
    """What a cluster lacks to measure CPU and memory of pods; empty where it does."""
    secret_source: Callable[[Mapping[str, Any]], SecretSource | None] = lambda _provider: None
    """`spec.provider` of a store -> where it fetches; None for a store of another cloud's."""
    larger: str
    """How a group gets more nodes, as an order: `Raise scalingConfig.maxSize`."""
    gpus: str
    """What it takes to have GPUs, as a sentence without its full stop."""


@cache
def clouds() -> tuple[Managed, ...]:
    """What all packages tell of their clusters."""
    modules = sorted(Path(__file__).parents[1].glob("*/clusters.py"))
    return tuple(
        importlib.import_module(f"sandbox.{module.parent.name}.clusters").MANAGED
        for module in modules
    )


def driver(provisioner: str) -> Driver | None:
    """The driver of that name, whichever cloud has it."""
    return next((one.drivers[provisioner] for one in clouds() if provisioner in one.drivers), None)


def secret_source(provider: Mapping[str, Any]) -> SecretSource | None:
    """Where a store with this `spec.provider` fetches values; None for an unknown one."""
    return next(filter(None, (one.secret_source(provider) for one in clouds())), None)
