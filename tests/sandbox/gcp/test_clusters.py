"""What the simulated Kubernetes Engine refuses, as the real one does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.engine import Engine, Refused, Resource

NETWORK = "gcp:compute/network:Network"
SUBNET = "gcp:compute/subnetwork:Subnetwork"
CLUSTER = "gcp:container/cluster:Cluster"
POOL = "gcp:container/nodePool:NodePool"
BACKEND = "gcp:compute/backendService:BackendService"
CHECK = "gcp:compute/healthCheck:HealthCheck"
PORT = "gcp:compute/instanceGroupNamedPort:InstanceGroupNamedPort"
MEMBER = "gcp:projects/iAMMember:IAMMember"

_PATH = "projects/my-project/global/networks/net"
_ZONES = [f"us-central1-{letter}" for letter in "abc"]
_PRINCIPAL = (
    "principal://iam.googleapis.com/projects/123456789012/locations/global/"
    "workloadIdentityPools/my-project.svc.id.goog/subject/ns/letta/sa/letta-dump"
)


def _cluster(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  (values of properties)
    return {
        "name": "k8s",
        "location": "us-central1",
        "network": _PATH,
        "subnetwork": "projects/my-project/regions/us-central1/subnetworks/nodes",
        "initialNodeCount": 1,
        "removeDefaultNodePool": True,
        "deletionProtection": False,
        "minMasterVersion": "1.33",
        "nodeLocations": _ZONES,
        "ipAllocationPolicy": {
            "clusterSecondaryRangeName": "pods",
            "servicesSecondaryRangeName": "services",
        },
        "workloadIdentityConfig": {"workloadPool": "my-project.svc.id.goog"},
        **changes,
    }


def _pool(config: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "name": "api",
        "cluster": "k8s",
        "location": "us-central1",
        "nodeLocations": _ZONES,
        "initialNodeCount": 1,
        "autoscaling": {"totalMinNodeCount": 2, "totalMaxNodeCount": 10},
        "nodeConfig": {"machineType": "n2-standard-8", "diskSizeGb": 100, **(config or {})},
        **changes,
    }


def _subnet(gcp: Engine, pods: str = "10.64.0.0/14") -> None:
    gcp.create(NETWORK, "net", {"name": "net", "autoCreateSubnetworks": False})
    gcp.create(
        SUBNET,
        "nodes",
        {
            "name": "nodes",
            "network": _PATH,
            "region": "us-central1",
            "ipCidrRange": "10.0.0.0/17",
            "secondaryIpRanges": [
                {"rangeName": "pods", "ipCidrRange": pods},
                {"rangeName": "services", "ipCidrRange": "10.68.0.0/20"},
            ],
        },
    )


def _made(gcp: Engine) -> Resource:
    _subnet(gcp)
    gcp.create(CLUSTER, "k8s", _cluster())
    return gcp.create(POOL, "api", _pool())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "k" * 41}, "at most 40"),
        (
            {"privateClusterConfig": {"masterIpv4CidrBlock": "10.0.192.0/24"}},
            "must be a /28",
        ),
        (
            {
                "datapathProvider": "ADVANCED_DATAPATH",
                "networkPolicy": {"enabled": True},
            },
            "it is built in",
        ),
        (
            {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "here"}]}},
            "is no network",
        ),
        ({"databaseEncryption": {"state": "MAYBE"}}, "MAYBE"),
    ],
)
def test_a_cluster_that_cannot_be_is_refused_at_preview(
    gcp: Engine, changes: dict[str, Any], words: str
) -> None:
    failures = gcp.check(CLUSTER, "bad", _cluster(**changes)).failures
    assert words in "; ".join(reason for _, reason in failures)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"minMasterVersion": "1.20"}, "unsupported"),
        (
            {"ipAllocationPolicy": {"clusterSecondaryRangeName": "other"}},
            "secondary range not found",
        ),
        (
            {"privateClusterConfig": {"masterIpv4CidrBlock": "10.0.0.0/28"}},
            "overlaps with 10.0.0.0/17",
        ),
        (
            {"workloadIdentityConfig": {"workloadPool": "other-project.svc.id.goog"}},
            "does not belong to the project",
        ),
    ],
)
def test_a_cluster_that_its_surroundings_do_not_bear_is_refused(
    gcp: Engine, changes: dict[str, Any], words: str
) -> None:
    _subnet(gcp)
    with pytest.raises(Refused, match=words):
        gcp.create(CLUSTER, "bad", _cluster(**changes))


def test_the_key_of_a_clusters_secrets_admits_its_agent_first(gcp: Engine) -> None:
    _subnet(gcp)
    ring = gcp.create("gcp:kms/keyRing:KeyRing", "ring", {"location": "us-central1"})
    key = gcp.create("gcp:kms/cryptoKey:CryptoKey", "key", {"keyRing": ring.id})
    encryption = {"state": "ENCRYPTED", "keyName": key.id}
    with pytest.raises(Refused, match=r"container-engine-robot.* may not use the key"):
        gcp.create(CLUSTER, "k8s", _cluster(databaseEncryption=encryption))
    gcp.create(
        "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
        "robot",
        {
            "cryptoKeyId": key.id,
            "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
            "member": "serviceAccount:service-123456789012@"
            "container-engine-robot.iam.gserviceaccount.com",
        },
    )
    gcp.create(CLUSTER, "k8s", _cluster(databaseEncryption=encryption))


@pytest.mark.parametrize(
    ("config", "changes", "words"),
    [
        ({"machineType": "n2-enormous-8"}, {}, "not found"),
        ({"machineType": "a2-highgpu-1g"}, {}, "state them in guestAccelerators"),
        (
            {"guestAccelerators": [{"type": "nvidia-tesla-t4", "count": 1}]},
            {},
            "can have no accelerators",
        ),
        ({}, {"autoscaling": {"totalMinNodeCount": 5, "totalMaxNodeCount": 2}}, "is above"),
        ({}, {"autoscaling": {"minNodeCount": 1, "totalMaxNodeCount": 2}}, "cannot stand together"),
        ({"taints": [{"key": "a", "value": "b", "effect": "NoSchedule"}]}, {}, "NO_SCHEDULE"),
        ({}, {"name": "p" * 41}, "at most 40"),
    ],
)
def test_machines_that_cannot_be_are_refused_at_preview(
    gcp: Engine, config: dict[str, Any], changes: dict[str, Any], words: str
) -> None:
    failures = gcp.check(POOL, "bad", _pool(config, **changes)).failures
    assert words in "; ".join(reason for _, reason in failures)


def test_machines_stand_in_zones_of_the_region_and_pods_have_room(gcp: Engine) -> None:
    _subnet(gcp, pods="10.64.0.0/21")
    gcp.create(CLUSTER, "k8s", _cluster())
    with pytest.raises(Refused, match="is no zone of us-central1"):
        gcp.create(POOL, "far", _pool(nodeLocations=["europe-west1-b"]))
    with pytest.raises(Refused, match="has addresses for 8 nodes, not for 10"):
        gcp.create(POOL, "many", _pool())


def test_a_cluster_stays_while_it_has_machines(gcp: Engine) -> None:
    _subnet(gcp)
    cluster = gcp.create(CLUSTER, "k8s", _cluster())
    gcp.create(POOL, "api", _pool())
    with pytest.raises(Refused):
        gcp.delete(cluster)


def test_a_balancer_calls_groups_of_machines_by_a_port_that_has_a_name(gcp: Engine) -> None:
    pool = _made(gcp)
    groups = pool.outputs["managedInstanceGroupUrls"]
    assert len(groups) == len(_ZONES)
    check = gcp.create(CHECK, "api", {"httpHealthCheck": {"port": 30083}})
    backend = {
        "protocol": "HTTP",
        "portName": "http",
        "loadBalancingScheme": "EXTERNAL_MANAGED",
        "backends": [{"group": group} for group in groups],
    }
    with pytest.raises(Refused, match="needs a health check"):
        gcp.create(BACKEND, "api", backend)
    with pytest.raises(Refused, match="has no port named 'http'"):
        gcp.create(BACKEND, "api", {**backend, "healthChecks": check.id})
    for zone, group in zip(_ZONES, groups, strict=True):
        named = {"group": group, "zone": zone, "name": "http", "port": 30083}
        gcp.create(PORT, zone, named)
    gcp.create(BACKEND, "api", {**backend, "healthChecks": check.id})


def test_a_port_is_named_in_a_group_that_is_there_and_in_its_zone(gcp: Engine) -> None:
    pool = _made(gcp)
    group = pool.outputs["managedInstanceGroupUrls"][0]
    named = {"group": group, "zone": "us-central1-f", "name": "http", "port": 30083}
    with pytest.raises(Refused, match="is not in us-central1-f"):
        gcp.create(PORT, "wrong", named)
    missing = {**named, "group": group.replace("gke-", "other-"), "zone": "us-central1-a"}
    with pytest.raises(Refused, match="was not found"):
        gcp.create(PORT, "missing", missing)


def test_pods_have_an_identity_once_there_is_a_cluster(gcp: Engine) -> None:
    right = {"project": "my-project", "role": "roles/logging.logWriter", "member": _PRINCIPAL}
    with pytest.raises(Refused, match="Identity Pool does not exist"):
        gcp.create(MEMBER, "dump", right)
    _subnet(gcp)
    gcp.create(CLUSTER, "k8s", _cluster())
    gcp.create(MEMBER, "dump", right)
