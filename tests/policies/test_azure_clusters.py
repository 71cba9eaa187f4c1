"""Clusters of AKS as facts, and what they are billed by."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest

from policies.facts.azure import billing, cluster, machines, types
from policies.facts.graph import Graph
from policies.facts.resource import Resource
from pricing.inventory import ControlPlane, Machines
from pricing.span import Span

_SYSTEM = {
    "name": "api",
    "mode": "System",
    "vmSize": "Standard_D8s_v5",
    "enableAutoScaling": True,
    "minCount": 2,
    "maxCount": 10,
    "count": 8,
    "osDiskSizeGB": 128,
    "nodeLabels": {"letta.cloud/pool": "api"},
}


def _resource(kind: str, name: str, properties: dict[str, Any], **after: str) -> Resource:
    return Resource(
        type=kind,
        name=name,
        urn=_urn(kind, name),
        properties=properties,
        property_dependencies={key: (urn,) for key, urn in after.items()},
    )


def _urn(kind: str, name: str) -> str:
    return f"urn:pulumi:test::letta::{kind}::{name}"


def _cluster(**changes: Any) -> Resource:  # noqa: ANN401  (values of properties)
    properties = {
        "kubernetesVersion": "1.33",
        "sku": {"name": "Base", "tier": "Standard"},
        "agentPoolProfiles": [_SYSTEM],
        **changes,
    }
    return _resource(types.CLUSTER, "k8s", properties)


def _pool(**changes: Any) -> Resource:  # noqa: ANN401
    properties = {"vmSize": "Standard_F8s_v2", "count": 3, **changes}
    return _resource(types.NODE_POOL, "work", properties)


def test_a_control_plane_admits_the_networks_that_it_names_or_everybody() -> None:
    named = {"apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.0/24"]}}
    [one] = cluster.control_planes(Graph([_cluster(**named)]))
    [open_to_all] = cluster.control_planes(Graph([_cluster()]))
    [private] = cluster.control_planes(
        Graph([_cluster(apiServerAccessProfile={"enablePrivateCluster": True})])
    )
    assert one.networks == (IPv4Network("203.0.113.0/24"),)
    assert open_to_all.networks == (IPv4Network("0.0.0.0/0"),)
    assert private.networks == ()


def test_a_control_plane_is_guarded_by_its_key_its_log_and_its_lock() -> None:
    kms = {"azureKeyVaultKms": {"enabled": True, "keyId": "https://v.vault.azure.net/keys/k/1"}}
    guarded = _cluster(securityProfile=kms)
    logs = {"logs": [{"category": "kube-audit-admin", "enabled": True}]}
    graph = Graph(
        [
            guarded,
            _resource(types.DIAGNOSTICS, "log", logs, resourceUri=guarded.urn),
            _resource(types.LOCK, "lock", {"level": "CanNotDelete"}, scope=guarded.urn),
        ]
    )
    [one] = cluster.control_planes(graph)
    [bare] = cluster.control_planes(Graph([_cluster()]))
    assert (one.secrets_encrypted, one.audited, one.deletion_protection) == (True, True, True)
    assert (bare.secrets_encrypted, bare.audited, bare.deletion_protection) == (False, False, False)


def test_pools_are_those_of_the_cluster_and_those_beside_it() -> None:
    spare = _pool(scaleSetPriority="Spot", nodeTaints=["letta.cloud/pool=worker:NoSchedule"])
    api, worker = machines.node_pools(Graph([_cluster(), spare]))
    assert (api.type, api.min_machines, api.max_machines) == ("Standard_D8s_v5", 2, 10)
    assert api.labels == {"letta.cloud/pool": "api"}
    assert (worker.min_machines, worker.max_machines, worker.spot) == (3, 3, True)
    assert [one.key for one in worker.taints] == [
        "letta.cloud/pool",
        "kubernetes.azure.com/scalesetpriority",
    ]


def test_a_cluster_is_billed_by_its_control_plane_and_its_machines() -> None:
    provider = _resource("pulumi:providers:azure-native", "azure", {"location": "eastus"})
    graph = Graph([provider, _cluster(), _pool(osDiskSizeGB=64)])
    things = billing.read(graph, (), (), ()).inventory.things
    [plane] = [one for one in things if isinstance(one, ControlPlane)]
    pools = [one for one in things if isinstance(one, Machines)]
    assert plane.version == "1.33"
    assert {(one.type, one.component, one.disk_gib) for one in pools} == {
        ("Standard_D8s_v5", "api", 128),
        ("Standard_F8s_v2", "cluster", 64),
    }
    assert Span.of(2, 8, 10) in [one.count for one in pools]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sku": {"name": "Base", "tier": "Premium"}}, "tier Standard"),
        ({"agentPoolProfiles": [{**_SYSTEM, "osDiskType": "Ephemeral"}]}, "Managed disks"),
    ],
)
def test_what_has_no_price_is_said(changes: dict[str, Any], reason: str) -> None:
    [found] = billing.read(Graph([_cluster(**changes)]), (), (), ()).unpriced
    assert reason in found.reason
