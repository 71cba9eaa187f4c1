"""The table of a kind: what all kinds have in common, and what `kinds.yaml` says of this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from sandbox.errors import Refusal
from sandbox.spec import Latency, Limit, Replacement, ResourceTable, Table

_FILE: Final = Path(__file__).parent / "kinds.yaml"
PREFIX: Final = "kubernetes:"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind in a version of its group."""

    group: str
    """`core` for the group without a name."""
    version: str
    name: str

    @property
    def api_version(self) -> str:
        """As objects write it: `v1`, `apps/v1`."""
        return self.version if self.group == "core" else f"{self.group}/{self.version}"

    @property
    def key(self) -> str:
        """As `kinds.yaml` writes it: `core/v1:Secret`."""
        return f"{self.group}/{self.version}:{self.name}"

    @property
    def token(self) -> str:
        """As Pulumi writes it."""
        return PREFIX + self.key


class KindTable(Table):
    """What differs for one kind."""

    about: str
    replace: Sequence[str] = ()
    pods: Mapping[str, str | None] | str = {}
    pods_run_once: bool = False
    claims: str | None = None
    defaults: Mapping[str, Any] = {}
    secrets: Sequence[str] = ()
    checks: Sequence[str] = ()
    cloud_checks: Sequence[str] = ()
    update_checks: Sequence[str] = ()
    ready_checks: Sequence[str] = ()
    delete_checks: Sequence[str] = ()
    takes_along: str | None = None
    leaves_behind: str | None = None
    latency_seconds: Latency | None = None


class KindTables(Table):
    """The file."""

    replaced_always: Sequence[str]
    cluster_scoped: Sequence[tuple[str, str]]
    latency_seconds: Mapping[str, Latency]
    latency_source: str
    kinds: Mapping[str, KindTable]


@cache
def tables() -> KindTables:
    """What the file says. Raises Refusal when it cannot be read."""
    try:
        return KindTables.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise Refusal.broken_table(_FILE.name, error) from error


@cache
def of_token(token: str) -> Kind:
    """The kind of a type token, `kubernetes:apps/v1:Deployment`. Raises Refusal."""
    home, _, name = token.removeprefix(PREFIX).partition(":")
    group, _, version = home.rpartition("/")
    if not (group and version and name):
        raise Refusal.unknown(f"{token!r} is no kind", "expected kubernetes:group/version:Kind")
    return Kind(group=group, version=version, name=name)


@cache
def of_object(api_version: str, name: str) -> Kind:
    """The kind of an object."""
    group, _, version = api_version.rpartition("/")
    return Kind(group=group or "core", version=version, name=name)


def specific(kind: Kind) -> KindTable:
    """What differs for that kind; nothing for most."""
    return tables().kinds.get(kind.key) or KindTable(about=f"A {kind.name}.")


def is_cluster_scoped(kind: Kind) -> bool:
    """Whether a built-in kind stands outside the namespaces."""
    scoped = tables().cluster_scoped
    return (kind.group, kind.name) in scoped or (kind.group, "*") in scoped


def table(kind: Kind, *, namespaced: bool) -> ResourceTable:
    """The table of a kind."""
    own, common = specific(kind), tables()
    latencies = common.latency_seconds
    return ResourceTable(
        about=own.about,
        id={"call": "objects.identity"},
        defaults={"apiVersion": kind.api_version, "kind": kind.name},
        limits={
            "apiVersion": Limit(one_of=[kind.api_version]),
            "kind": Limit(one_of=[kind.name]),
        },
        prepare="objects.prepare",
        replace=Replacement(
            source="pulumi-kubernetes, forceNew; fields that the API server calls immutable",
            properties=[*common.replaced_always, *own.replace],
            delete_first="objects.keeps_its_name",
        ),
        inside=own.defaults,
        secrets=own.secrets,
        not_found="NotFound",
        checks=["objects.valid"],
        cloud_checks=["objects.cluster_is_reachable", *_placed(namespaced), *own.cloud_checks],
        update_checks=own.update_checks,
        ready_checks=["objects.ready"] if own.ready_checks else [],
        delete_checks=["objects.cluster_still_reachable", *own.delete_checks],
        takes_along=own.takes_along,
        leaves_behind=own.leaves_behind,
        latency_seconds=own.latency_seconds or latencies["pods" if own.pods else "default"],
        latency_source=common.latency_source,
    )


def _placed(namespaced: bool) -> Sequence[str]:
    return ("objects.kind_is_served", "objects.namespace_exists")[: 2 if namespaced else 1]
