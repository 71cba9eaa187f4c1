"""What large on Google Cloud is made of: a cluster, its machines, and pods behind a balancer."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import replace

import pytest

from components.gcp.gke.nodes import short
from components.gcp.gke.zones import initial, initial_per_zone
from components.gcp.load_balancer import CALLERS
from components.letta.dump import FOLDER
from components.letta.environment import HEALTH_PATH
from components.roles import NodePool
from sandbox.packages import package
from tests.components.aws.mock_cloud import Registered
from tests.components.gcp.deployment import of_google, on_gke

POOL = NodePool(
    role="api", instance_type="n2-standard-8", initial=8, minimum=2, maximum=10, disk_gib=100
)


def _pool(end: str) -> Registered:
    [found] = [one for one in on_gke().all("nodePool:NodePool") if one.name.endswith(end)]
    return found


def _cluster() -> Registered:
    return on_gke().one("container/cluster:Cluster", "letta-test-k8s")


def test_nodes_have_no_public_addresses_and_one_network_reaches_the_control_plane() -> None:
    inputs = _cluster().inputs
    assert inputs["privateClusterConfig"]["enablePrivateNodes"] is True
    admitted = inputs["masterAuthorizedNetworksConfig"]
    assert admitted["cidrBlocks"] == [{"cidrBlock": "203.0.113.0/24"}]
    assert admitted["gcpPublicCidrsAccessEnabled"] is False


def test_without_networks_the_control_plane_has_no_public_address() -> None:
    ingress = {
        "domain": "letta.example.com",
        "hosted_zone": "example.com",
        "control_plane": {"allowed_cidrs": []},
    }
    inputs = on_gke(ingress=ingress).one("container/cluster:Cluster", "letta-test-k8s").inputs
    assert inputs["privateClusterConfig"]["enablePrivateEndpoint"] is True


def test_secrets_of_the_cluster_and_all_disks_are_encrypted_with_the_stacks_key() -> None:
    key = _cluster().inputs["databaseEncryption"]["keyName"]
    assert "/cryptoKeys/letta-test-secrets-key-" in key
    for pool in on_gke().all("nodePool:NodePool"):
        assert pool.inputs["nodeConfig"]["bootDiskKmsKey"] == key
    for one in on_gke().all("StorageClass"):
        assert one.inputs["parameters"]["disk-encryption-kms-key"] == key


def test_the_key_is_usable_before_the_cluster_is_made() -> None:
    waits = _cluster().depends_on
    for agent in ("container-engine-robot", "compute-system"):
        assert any(name.endswith(agent) for name in waits), agent


def test_pods_and_services_have_addresses_of_their_own() -> None:
    subnet = on_gke().one("Subnetwork", "letta-test-net-servers").inputs
    ranges = [ipaddress.IPv4Network(subnet["ipCidrRange"])]
    ranges += [ipaddress.IPv4Network(one["ipCidrRange"]) for one in subnet["secondaryIpRanges"]]
    plane = _cluster().inputs["privateClusterConfig"]["masterIpv4CidrBlock"]
    ranges.append(ipaddress.IPv4Network(plane))
    for number, one in enumerate(ranges):
        assert one.is_private
        assert not any(one.overlaps(other) for other in ranges[number + 1 :])


def test_a_pod_gets_no_rights_of_its_machine() -> None:
    for pool in on_gke().all("nodePool:NodePool"):
        config = pool.inputs["nodeConfig"]
        assert config["workloadMetadataConfig"]["mode"] == "GKE_METADATA"
        assert config["serviceAccount"].startswith("letta-test-node-")


def test_a_machine_with_a_gpu_gets_its_driver_and_states_no_taint_of_gkes_own() -> None:
    config = _pool("-embed-n1s8-t4").inputs["nodeConfig"]
    assert config["machineType"] == "n1-standard-8"
    [gpu] = config["guestAccelerators"]
    assert (gpu["type"], gpu["count"]) == ("nvidia-tesla-t4", 1)
    assert gpu["gpuDriverInstallationConfig"]["gpuDriverVersion"] == "LATEST"
    assert [taint["key"] for taint in config["taints"]] == ["letta.cloud/pool"]


def test_the_size_of_a_pool_is_the_autoscalers_once_it_is_there() -> None:
    for pool in on_gke().all("nodePool:NodePool"):
        assert pool.ignore_changes == ("initialNodeCount",)
        scaling = pool.inputs["autoscaling"]
        assert scaling["totalMinNodeCount"] <= scaling["totalMaxNodeCount"]


@pytest.mark.parametrize(
    ("count", "each", "all_of_them"), [(8, 3, 9), (3, 1, 3), (1, 1, 3), (10, 4, 10)]
)
def test_a_pool_begins_with_as_many_machines_in_each_zone(
    count: int, each: int, all_of_them: int
) -> None:
    pool = replace(POOL, initial=count, minimum=1)
    assert (initial_per_zone(pool), initial(pool)) == (each, all_of_them)
    assert initial(replace(pool, minimum=0)) == 0


@pytest.mark.parametrize(("role", "port"), [("api", 30083), ("work", 30084)])
def test_the_balancer_finds_pods_at_a_port_of_their_machines(role: str, port: int) -> None:
    result = on_gke()
    name = f"letta-test-{role}"
    service = result.one("core/v1:Service", name).inputs["spec"]
    assert service["type"] == "NodePort"
    assert service["externalTrafficPolicy"] == "Local"
    assert service["ports"][0]["nodePort"] == port
    check = result.one("HealthCheck", name).inputs["httpHealthCheck"]
    assert (check["port"], check["requestPath"]) == (port, HEALTH_PATH)
    ports = [one for one in result.all("InstanceGroupNamedPort") if one.name.startswith(name)]
    assert len({one.inputs["zone"] for one in ports}) == 3
    assert {one.inputs["port"] for one in ports} == {port}
    firewall = result.one("compute/firewall:Firewall", name).inputs
    assert firewall["sourceRanges"] == list(CALLERS)
    assert firewall["allows"] == [{"protocol": "tcp", "ports": [str(port)]}]


@pytest.mark.parametrize("role", ["api", "worker"])
def test_the_balancer_bears_long_silence_and_lets_requests_end(role: str) -> None:
    backend = on_gke().one("BackendService", f"letta-test-in-{role}-nodes")
    assert backend.inputs["timeoutSec"] == 3600
    assert backend.inputs["connectionDrainingTimeoutSec"] >= 600
    assert backend.inputs["protocol"] == "HTTP"
    assert len(backend.inputs["backends"]) == 3
    assert any("InstanceGroupNamedPort" in name for name in backend.depends_on)


def test_servers_wait_until_the_balancer_knows_of_them() -> None:
    deployment = on_gke().one("apps/v1:Deployment", "letta-test-api")
    assert any("BackendService" in name for name in deployment.depends_on)


def test_one_program_reads_the_secrets_that_the_stack_has_and_no_other() -> None:
    result = on_gke()
    readers = result.all("secretIamMember:SecretIamMember")
    member = (
        "principal://iam.googleapis.com/projects/123456789012/locations/global/"
        "workloadIdentityPools/my-project.svc.id.goog/subject/ns/external-secrets/sa/"
        "external-secrets-letta-test"
    )
    assert {one.inputs["member"] for one in readers} == {member}
    assert len(readers) == len(result.all("secret:Secret"))
    operator = result.one("Release", "letta-test-k8s-external-secrets").inputs["values"]
    assert operator["serviceAccount"]["name"] == "external-secrets-letta-test"


def test_the_dump_may_add_to_its_folder_alone() -> None:
    member = on_gke().one("BucketIAMMember", "letta-test-dump").inputs
    assert member["role"] == "roles/storage.objectCreator"
    assert member["member"].endswith("/subject/ns/letta/sa/letta-test-dump")
    assert f"/objects/{FOLDER}/" in member["condition"]["expression"]


def test_nothing_of_cloud_run_is_left() -> None:
    kinds = {one.type for one in of_google(on_gke())}
    assert not any("cloudrun" in kind or "cloudscheduler" in kind for kind in kinds)


def test_the_engine_reaches_the_cluster_with_nothing_secret() -> None:
    provider = on_gke().one("pulumi:providers:kubernetes", "letta-test-k8s")
    config = json.loads(provider.inputs["kubeconfig"])
    [user] = config["users"]
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    assert set(user["user"]) == {"exec"}


def test_names_of_pools_fit_at_the_longest_name_of_a_stack() -> None:
    most = package("gcp").resource("gcp:container/nodePool:NodePool").table.name
    assert most is not None
    for machine in ("n1-standard-8+t4", "a2-ultragpu-8g", "a2-megagpu-16g", "g2-standard-96"):
        name = short(f"letta-a-ver-1a2b-embed-{machine.replace('+', '-')}")
        assert len(name) + 8 <= (most.max_length or 0), name


def test_an_administrator_is_let_in_by_name() -> None:
    ingress = {
        "domain": "letta.example.com",
        "hosted_zone": "example.com",
        "control_plane": {
            "allowed_cidrs": [],
            "admins": ["user:ops@example.com"],
        },
    }
    result = on_gke(ingress=ingress)
    binding = result.one("ClusterRoleBinding", "letta-test-k8s-admin-1").inputs
    assert binding["subjects"][0]["name"] == "ops@example.com"
    assert binding["roleRef"]["name"] == "cluster-admin"


def test_the_control_plane_reaches_the_controllers_that_it_has_to_call() -> None:
    result = on_gke(llm={"hosting": "vllm"}, embedding="api")
    rule = result.one("compute/firewall:Firewall", "letta-test-k8s-calls").inputs
    plane = result.one("container/cluster:Cluster", "letta-test-k8s").inputs
    assert rule["sourceRanges"] == [plane["privateClusterConfig"]["masterIpv4CidrBlock"]]
    assert rule["allows"] == [{"protocol": "tcp", "ports": ["6443", "9443"]}]
    keda = result.one("Release", "letta-test-k8s-keda")
    assert any(name.endswith("letta-test-k8s-calls") for name in keda.depends_on)
    names = [one.name for one in on_gke().all("compute/firewall:Firewall")]
    assert "letta-test-k8s-calls" not in names
