"""A cluster with nodes, as AWS objects in the sandbox's file, and good objects of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.store import Store
from sandbox.values import Value
from tests.sandbox.engine import Engine, Refused, Resource

ENDPOINT = "https://0123456789ABCDEF0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com"
AUTHORITY = "Q0VSVElGSUNBVEU="
REGION = "us-east-1"
NAMESPACE = "letta"

Inputs = dict[str, Any]


def kubeconfig(endpoint: str = ENDPOINT, authority: str = AUTHORITY, **user: Value) -> str:
    """A kubeconfig as the AWS command line writes it."""
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", "large"],
    }
    cluster = {"server": endpoint, "certificate-authority-data": authority}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "large",
            "contexts": [{"name": "large", "context": {"cluster": "large", "user": "large"}}],
            "clusters": [{"name": "large", "cluster": cluster}],
            "users": [{"name": "large", "user": user or {"exec": plugin}}],
        }
    )


def put(state: Path, type_token: str, object_id: str, outputs: Mapping[str, Any]) -> None:
    """An object of AWS that exists; what its own table would say of it is not asked."""
    store = Store(state)
    store.insert(
        type_token=type_token,
        region=REGION,
        object_id=object_id,
        urn=f"urn:pulumi:test::letta::{type_token}::{object_id}",
        name_scope=None,
        inputs=dict(outputs),
        outputs=dict(outputs),
        seed="",
        created="2030-01-01T00:00:00Z",
        edges=[],
    )
    store.close()


def put_cluster(state: Path, *, version: str = "1.32") -> None:
    """A cluster that answers at ENDPOINT."""
    put(
        state,
        "aws:eks/cluster:Cluster",
        "large",
        {
            "name": "large",
            "version": version,
            "endpoint": ENDPOINT,
            "certificateAuthority": {"data": AUTHORITY},
        },
    )


def put_nodes(state: Path, name: str, instance_type: str, **more: Value) -> None:
    """A node group of the cluster."""
    put(
        state,
        "aws:eks/nodeGroup:NodeGroup",
        f"large:{name}",
        {
            "clusterName": "large",
            "nodeGroupName": name,
            "instanceTypes": [instance_type],
            "amiType": "AL2023_x86_64_STANDARD",
            "labels": {"letta.cloud/pool": name},
            "scalingConfig": {"desiredSize": 1, "minSize": 1, "maxSize": 3},
            **more,
        },
    )


def put_addon(state: Path, name: str) -> None:
    """An add-on of the cluster."""
    put(
        state,
        "aws:eks/addon:Addon",
        f"large:{name}",
        {"clusterName": "large", "addonName": name},
    )


TARGET_GROUP = (
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/letta/0123456789abcdef"
)


def put_outside(state: Path) -> None:
    """What objects of the cluster name outside it: a target group and a secret."""
    put(
        state,
        "aws:lb/targetGroup:TargetGroup",
        TARGET_GROUP,
        {"arn": TARGET_GROUP, "targetType": "ip"},
    )
    put(state, "aws:secretsmanager/secret:Secret", "letta", {"name": "letta", "arn": "arn:letta"})


@dataclass
class Estate:
    """A cluster, and the objects made in it so far."""

    engine: Engine
    state: Path
    made: dict[str, Resource] = field(default_factory=dict)

    def create(self, token: str, inputs: Mapping[str, Any], name: str = "") -> Resource:
        """Make an object of any inputs."""
        logical = name or token.rpartition(":")[2].lower()
        return self.engine.create(f"kubernetes:{token}", logical, inputs)

    def make(self, key: str) -> Resource:
        """The good object of that key, made once, after what it needs."""
        if key not in self.made:
            good = GOOD[key]
            for needed in good.needs:
                self.make(needed)
            self.made[key] = self.create(good.token, good.inputs, key)
        return self.made[key]

    def refusal(self, key: str, change: Callable[[Inputs], object]) -> str:
        """What stands against the good object of that key with a change."""
        good = GOOD[key]
        for needed in good.needs:
            self.make(needed)
        return self.said(good.token, changed(key, change))

    def said(self, token: str, inputs: Mapping[str, Any]) -> str:
        """What the sandbox says against an object, at Check or at Create."""
        logical = token.rpartition(":")[2].lower()
        checked = self.engine.check(f"kubernetes:{token}", logical, inputs)
        if checked.failures:
            return "; ".join(reason for _, reason in checked.failures)
        try:
            self.create(token, inputs)
        except Refused as refused:
            return str(refused)
        return ""


@dataclass(frozen=True, kw_only=True)
class Good:
    """An object that the cluster takes."""

    token: str
    inputs: Inputs
    needs: tuple[str, ...] = ()


def changed(key: str, change: Callable[[Inputs], object]) -> Inputs:
    """The inputs of a good object after a change to a copy of them."""
    inputs = deepcopy(GOOD[key].inputs)
    change(inputs)
    return inputs


GOOD: dict[str, Good] = {}


def good(token: str, inputs: Inputs, *needs: str, key: str = "") -> None:
    """Enter a good object under its kind or another key; `metadata` is filled in."""
    home, _, kind = token.partition(":")
    api_version = home.removeprefix("core/")
    metadata = {"namespace": NAMESPACE, "name": (key or kind).lower()}
    whole = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **inputs}
    GOOD[key or kind] = Good(token=token, inputs=whole, needs=needs)
