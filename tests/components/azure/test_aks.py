"""What large on Azure is made of: a cluster, its machines, and pods behind the gateway."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import replace
from typing import Any

import pytest

from components.azure import subnets
from components.azure.aks.nodes import machine, short
from components.azure.aks.pod_identity import AUDIENCE
from components.azure.aks.tier import balanced
from components.azure.fixed import (
    KEY_USER,
    NETWORK_CONTRIBUTOR,
    SECRETS_USER,
    VAULT_CONTRIBUTOR,
)
from components.letta.environment import PORT
from components.redis_proxy import HOST, PASSWORD
from components.roles import NodePool
from sandbox.packages import package
from tests.components.aws.mock_cloud import UNKNOWN, Registered
from tests.components.azure.deployment import ingress, of_azure, on_aks

POOL = NodePool(
    role="llm",
    instance_type="Standard_NC24ads_A100_v4",
    initial=1,
    minimum=0,
    maximum=2,
    disk_gib=200,
    gpus=1,
)
BALANCER = "service.beta.kubernetes.io/azure-load-balancer"


def _cluster(**values: Any) -> Registered:  # noqa: ANN401  (a value of a stack file)
    return on_aks(**values).one("containerservice:ManagedCluster", "letta-test-k8s")


def _roles(end: str) -> dict[str, str]:
    """Scope -> role of the assignments to one identity."""
    return {
        one.inputs["scope"]: one.inputs["roleDefinitionId"].rpartition("/")[2]
        for one in on_aks().all("authorization:RoleAssignment")
        if one.name.startswith(f"letta-test-{end}-")
    }


def _rules(use: str) -> dict[str, dict[str, Any]]:
    group = on_aks().one("NetworkSecurityGroup", f"letta-test-net-{use}").inputs
    return {one["name"]: one for one in group["securityRules"]}


def _pods(name: str = "letta-test-api") -> dict[str, Any]:
    found: dict[str, Any] = on_aks().one("apps/v1:Deployment", name).inputs["spec"]
    spec: dict[str, Any] = found["template"]["spec"]
    return spec


def test_named_networks_reach_the_control_plane_and_nobody_else() -> None:
    access = _cluster().inputs["apiServerAccessProfile"]
    assert access["authorizedIPRanges"] == ["203.0.113.0/24"]
    assert not access["enablePrivateCluster"]


def test_without_networks_the_control_plane_has_no_public_address() -> None:
    access = _cluster(ingress=ingress(control_plane={"allowed_cidrs": []})).inputs[
        "apiServerAccessProfile"
    ]
    assert access["enablePrivateCluster"] is True
    assert "authorizedIPRanges" not in access
    assert (access["privateDNSZone"], access["enablePrivateClusterPublicFQDN"]) == ("none", True)


def test_the_api_server_stands_in_the_network_because_the_vault_of_its_key_is_private() -> None:
    inputs = _cluster().inputs
    kms = inputs["securityProfile"]["azureKeyVaultKms"]
    assert (kms["enabled"], kms["keyVaultNetworkAccess"]) == (True, "Private")
    assert "/keys/letta-test-secrets-key-" in kms["keyId"]
    access = inputs["apiServerAccessProfile"]
    assert access["enableVnetIntegration"] is True
    assert access["subnetId"].endswith("/subnets/control_plane")
    subnet = on_aks().one("network:Subnet", "letta-test-net-control_plane").inputs
    [delegation] = subnet["delegations"]
    assert delegation["serviceName"] == "Microsoft.ContainerService/managedClusters"


def test_the_clusters_identity_may_do_what_it_does_before_the_cluster_is_made() -> None:
    roles = _roles("k8s-id")
    by_end = {scope.rpartition("/")[2]: role for scope, role in roles.items()}
    assert by_end["nodes"] == by_end["control_plane"] == NETWORK_CONTRIBUTOR
    # Its API server encrypts with the key itself, where stores wrap keys of their own with it.
    assert by_end["letta-test-secrets-key"] == KEY_USER
    assert VAULT_CONTRIBUTOR in roles.values()
    waits = _cluster().depends_on
    for label in ("nodes", "control-plane", "key", "vault", "disks"):
        assert any(name.endswith(f"letta-test-k8s-id-{label}") for name in waits), label


def test_there_are_no_accounts_but_those_of_the_directory() -> None:
    inputs = _cluster().inputs
    assert inputs["disableLocalAccounts"] is True
    assert inputs["aadProfile"]["enableAzureRBAC"] is True


@pytest.mark.parametrize(
    ("principal", "kind"), [("group", "Group"), ("user", "User"), ("servicePrincipal", None)]
)
def test_an_administrator_is_let_in_by_the_directory(principal: str, kind: str | None) -> None:
    guid = "11111111-1111-1111-1111-111111111111"
    plane = {"allowed_cidrs": [], "admins": [f"{principal}:{guid}"]}
    result = on_aks(ingress=ingress(control_plane=plane))
    given = result.one("RoleAssignment", "letta-test-k8s-admin-1").inputs
    assert given["principalId"] == guid
    assert given["principalType"] == (kind or "ServicePrincipal")
    assert given["scope"].endswith("/managedClusters/letta-test-k8s")


def test_disks_of_nodes_and_of_pods_are_encrypted_with_the_stacks_key() -> None:
    disks = on_aks().one("compute:DiskEncryptionSet", "letta-test-k8s-disks")
    assert "/keys/letta-test-secrets-key-" in disks.inputs["activeKey"]["keyUrl"]
    own = _cluster().inputs["diskEncryptionSetID"]
    assert own.endswith("/diskEncryptionSets/letta-test-k8s-disks")
    for one in on_aks().all("StorageClass"):
        assert one.inputs["parameters"]["diskEncryptionSetID"] == own


def test_pods_and_services_have_addresses_outside_the_network() -> None:
    profile = _cluster().inputs["networkProfile"]
    assert (profile["networkPluginMode"], profile["networkPolicy"]) == ("overlay", "cilium")
    network = on_aks().one("VirtualNetwork", "letta-test-net").inputs
    [whole] = network["addressSpace"]["addressPrefixes"]
    pods, services = (ipaddress.IPv4Network(profile[key]) for key in ("podCidr", "serviceCidr"))
    assert not pods.overlaps(services)
    assert ipaddress.IPv4Address(profile["dnsServiceIP"]) in services
    for one in (pods, services):
        assert not one.overlaps(ipaddress.IPv4Network(whole))


def test_pods_may_talk_to_each_other_by_the_rules_of_the_nodes_subnet() -> None:
    own = _rules("nodes")["own"]
    ranges = subnets.divide("10.0.0.0/16")
    assert set(own["sourceAddressPrefixes"]) == {
        ranges.nodes,
        subnets.PODS_CIDR,
        ranges.control_plane,
    }
    assert own["protocol"] == "*"
    plane = _rules("control_plane")["nodes"]
    assert plane["sourceAddressPrefix"] == ranges.nodes
    assert plane["destinationPortRanges"] == ["443", "4443"]


def test_the_size_of_a_pool_is_the_autoscalers_once_it_is_there() -> None:
    pools = on_aks().all("containerservice:AgentPool")
    assert {pool.ignore_changes for pool in pools} == {("count",)}
    for inputs in (pool.inputs for pool in pools):
        assert inputs["minCount"] <= inputs["count"] <= inputs["maxCount"]
        assert inputs["availabilityZones"] == ["1", "2", "3"]
        assert not inputs["enableNodePublicIP"]


def test_what_the_cluster_was_made_with_runs_its_own_pods_alone_and_never_changes() -> None:
    [made_with] = _cluster().inputs["agentPoolProfiles"]
    [other] = _cluster(api={"instance_type": "Standard_D16s_v5"}).inputs["agentPoolProfiles"]
    assert made_with == other
    assert made_with["nodeTaints"] == ["CriticalAddonsOnly=true:NoSchedule"]
    assert made_with["minCount"] == made_with["count"] == made_with["maxCount"] == 3
    assert made_with["availabilityZones"] == ["1", "2", "3"]
    assert on_aks().one("AgentPool", "letta-test-k8s-api").inputs["mode"] == "User"


def test_a_machine_with_a_gpu_is_found_by_the_program_that_tells_of_it() -> None:
    [pool] = [one for one in on_aks().all("AgentPool") if "NC4as_T4" in one.name]
    assert pool.inputs["nodeLabels"]["nvidia.com/gpu.present"] == "true"
    assert [taint.partition("=")[0] for taint in pool.inputs["nodeTaints"]] == [
        "letta.cloud/pool",
        "nvidia.com/gpu",
    ]
    assert on_aks().one("Release", "letta-test-k8s-nvidia-device-plugin")


def test_volumes_that_pods_return_to_stand_in_one_zone() -> None:
    [pool] = [
        one
        for one in on_aks(llm={"hosting": "ollama"}, embedding="cpu").all("AgentPool")
        if "-llm" in one.name
    ]
    assert pool.inputs["availabilityZones"] == ["1"]


def test_workers_on_spare_machines_bear_the_taint_that_azure_gives_them() -> None:
    result = on_aks(worker={"capacity": "spot"})
    [pool] = [one for one in result.all("AgentPool") if one.name == "letta-test-work"]
    assert pool.inputs["scaleSetPriority"] == "Spot"
    spec = result.one("apps/v1:Deployment", "letta-test-work").inputs["spec"]["template"]["spec"]
    borne = {one["key"]: one["value"] for one in spec["tolerations"]}
    assert borne["kubernetes.azure.com/scalesetpriority"] == "spot"
    assert not any("scalesetpriority" in one["key"] for one in _pods().get("tolerations", []))


def test_names_of_pools_are_short_and_tell_machines_apart() -> None:
    table = package("azure-native").resource("azure-native:containerservice:AgentPool").table
    assert table.name is not None
    others = [
        replace(POOL, role="embedding"),
        replace(POOL, role="embedding", instance_type="Standard_NC4as_T4_v3"),
        replace(POOL, role="embedding", disk_gib=100),
        replace(POOL, role="embedding", one_zone=True),
        replace(POOL, role="embedding", spot=True),
    ]
    names = {short("letta-a-very-long-name-embed", pool) for pool in others}
    assert len(names) == len(others)
    for name in names:
        assert len(name) <= (table.name.max_length or 0)
        assert name.isalnum()


@pytest.mark.parametrize(("end", "role"), [("api", "api"), ("work", "worker")])
def test_the_gateway_calls_an_address_that_the_service_has_in_the_network(
    end: str, role: str
) -> None:
    result = on_aks()
    service = result.one("core/v1:Service", f"letta-test-{end}").inputs
    address = subnets.service_address(subnets.divide("10.0.0.0/16"), role)
    assert service["spec"]["type"] == "LoadBalancer"
    assert service["spec"]["externalTrafficPolicy"] == "Local"
    annotations = service["metadata"]["annotations"]
    assert annotations[f"{BALANCER}-internal"] == "true"
    assert annotations[f"{BALANCER}-ipv4"] == address
    gateway = result.one("ApplicationGateway", "letta-test-in").inputs
    pools = {one["name"]: one["backendAddresses"] for one in gateway["backendAddressPools"]}
    assert pools[role] == [{"ipAddress": address}]
    [settings] = [one for one in gateway["backendHttpSettingsCollection"] if one["name"] == role]
    assert (settings["protocol"], settings["port"]) == ("Http", PORT)


def test_no_part_of_the_way_in_ends_a_call_before_the_gateway_does() -> None:
    assert balanced("10.0.0.9", 900)[f"{BALANCER}-tcp-idle-timeout"] == "15"
    assert balanced("10.0.0.9", 901)[f"{BALANCER}-tcp-idle-timeout"] == "16"
    assert balanced("10.0.0.9", 60)[f"{BALANCER}-tcp-idle-timeout"] == "4"


def test_addresses_of_services_are_no_machines() -> None:
    ranges = subnets.divide("10.0.0.0/22")
    found = [subnets.service_address(ranges, role) for role in subnets.SERVED]
    nodes = ipaddress.IPv4Network(ranges.nodes)
    assert len({*found}) == len(found)
    assert all(ipaddress.IPv4Address(one) in nodes for one in found)
    assert str(nodes.broadcast_address) not in found
    assert subnets.nodes("10.0.0.0/22") + len(found) + subnets.RESERVED_ADDRESSES <= (
        nodes.num_addresses
    )


def test_callers_are_the_gateway_and_pods_reach_no_address_of_azures_own() -> None:
    policy = on_aks().one("NetworkPolicy", "letta-test-api").inputs["spec"]
    [rule] = policy["ingress"]
    gateway = subnets.divide("10.0.0.0/16").gateway
    assert rule["from"] == [{"ipBlock": {"cidr": gateway}}]
    wide = [
        peer["ipBlock"]
        for each in policy["egress"]
        for peer in each["to"]
        if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
    ]
    assert all("168.63.129.16/32" in block["except"] for block in wide)
    assert wide


def test_the_proxy_to_redis_is_there_before_the_server_and_alone_has_the_key() -> None:
    spec = _pods()
    [proxy] = spec["initContainers"]
    assert (proxy["name"], proxy["restartPolicy"]) == ("redis-proxy", "Always")
    assert proxy["startupProbe"]["exec"]["command"][0] == "python"
    variables = {one["name"] for one in proxy["env"]}
    assert {HOST, PASSWORD} <= variables
    [server] = spec["containers"]
    assert not variables & {one["name"] for one in server["env"]}
    assert proxy["securityContext"]["readOnlyRootFilesystem"] is True
    ports = {
        port["port"]
        for rule in on_aks().one("NetworkPolicy", "letta-test-api").inputs["spec"]["egress"]
        for port in rule["ports"]
        if "port" in port
    }
    assert 10_000 in ports


def test_one_account_reads_the_vault_and_runs_no_pod() -> None:
    result = on_aks()
    believed = result.one("FederatedIdentityCredential", "letta-test-k8s-secrets").inputs
    assert believed["subject"] == "system:serviceaccount:letta:letta-test-k8s-secrets"
    assert believed["audiences"] == [AUDIENCE]
    assert set(_roles("k8s-secrets").values()) == {SECRETS_USER}
    store = result.one("SecretStore", "letta-test-k8s-secrets-key-vault").inputs["spec"]
    vault = store["provider"]["azurekv"]
    assert vault["authType"] == "WorkloadIdentity"
    assert vault["serviceAccountRef"] == {"name": "letta-test-k8s-secrets"}
    accounts = {
        one.inputs["spec"]["template"]["spec"].get("serviceAccountName")
        for one in result.all("apps/v1:Deployment")
    }
    assert "letta-test-k8s-secrets" not in accounts


def test_secrets_are_asked_for_by_their_names() -> None:
    result = on_aks()
    kept = {one.inputs["secretName"] for one in result.all("keyvault:Secret")}
    asked = {
        entry["remoteRef"]["key"]
        for one in result.all("ExternalSecret")
        for entry in one.inputs["spec"]["data"]
    }
    assert asked <= kept


def test_the_upload_of_a_dump_alone_has_a_token_and_it_is_in_no_command_line() -> None:
    job = on_aks().one("CronJob", "letta-test-dump").inputs["spec"]["jobTemplate"]["spec"]
    spec = job["template"]["spec"]
    [dump], [upload] = spec["initContainers"], spec["containers"]
    assert not any(one["mountPath"] == "/var/run/azure" for one in dump["volumeMounts"])
    assert any(one["mountPath"] == "/var/run/azure" for one in upload["volumeMounts"])
    assert "--federated-token @/var/run/azure/token" in upload["command"][-1]
    [volume] = [one for one in spec["volumes"] if "projected" in one]
    [source] = volume["projected"]["sources"]
    assert source["serviceAccountToken"]["audience"] == AUDIENCE
    credential = on_aks().one("FederatedIdentityCredential", "letta-test-dump-pod")
    waits = {name.rpartition(" ")[2] for name in on_aks().one("CronJob").depends_on}
    assert waits >= {credential.name, "letta-test-dump-pod-folder", "letta-test-dump-pod-wait"}
    believed = credential.inputs
    assert believed["subject"] == "system:serviceaccount:letta:letta-test-dump"


def test_lines_of_pods_reach_the_workspace_without_its_key() -> None:
    config = _cluster().inputs["addonProfiles"]["omsagent"]["config"]
    assert config["useAADAuth"] == "true"
    rule = on_aks().one("DataCollectionRule", "letta-test-k8s").inputs
    [flow] = rule["dataFlows"]
    assert flow["streams"] == ["Microsoft-ContainerLogV2"]
    bound = on_aks().one("DataCollectionRuleAssociation", "letta-test-k8s").inputs
    assert bound["resourceUri"].endswith("/managedClusters/letta-test-k8s")
    for end in ("k8s-redis-lost", "dump-pod-missing"):
        alarm = on_aks().one("ScheduledQueryRule", f"letta-test-{end}").inputs
        assert "ContainerLogV2" in alarm["criteria"]["allOf"][0]["query"]


def test_the_lock_of_the_cluster_comes_after_all_that_it_holds_so_that_it_goes_first() -> None:
    plane: dict[str, Any] = {
        "allowed_cidrs": [],
        "admins": ["user:00000000-0000-0000-0000-000000000009"],
    }
    result = on_aks(llm="vllm", ingress=ingress(control_plane=plane))
    lock = result.one("ManagementLockByScope", "letta-test-k8s-lock")
    waits = {name.rpartition(" ")[2] for name in lock.depends_on}
    pools = {one.name for one in result.all("AgentPool")}
    assert len(pools) == len({"api", "worker", "embedding", "llm"})
    assert waits >= {
        *pools,
        "letta-test-k8s-log",
        "letta-test-k8s-admin-1",
        *(one.name for one in result.all("DataCollectionRuleAssociation")),
    }


def test_without_protection_the_cluster_is_not_locked() -> None:
    plane = {"allowed_cidrs": [], "deletion_protection": False}
    names = [
        one.name
        for one in on_aks(ingress=ingress(control_plane=plane)).all("ManagementLockByScope")
    ]
    assert "letta-test-k8s-lock" not in names


def test_the_engine_reaches_the_cluster_with_nothing_secret() -> None:
    provider = on_aks().one("pulumi:providers:kubernetes", "letta-test-k8s")
    config = json.loads(provider.inputs["kubeconfig"])
    [user], [cluster] = config["users"], config["clusters"]
    assert user["user"]["exec"]["command"] == "kubelogin"
    assert set(user["user"]) == {"exec"}
    assert cluster["cluster"]["certificate-authority-data"] == "Q0E="
    assert cluster["cluster"]["server"].endswith(".azmk8s.io:443")


def test_nobody_is_asked_for_the_kubeconfig_before_there_is_a_cluster() -> None:
    result = on_aks(preview=True)
    provider = result.one("pulumi:providers:kubernetes", "letta-test-k8s")
    assert provider.inputs["kubeconfig"] == UNKNOWN


def test_nothing_of_container_apps_is_left() -> None:
    kinds = {one.type for one in of_azure(on_aks())}
    assert not any(":app:" in kind for kind in kinds)


def test_gpus_are_not_doubled_for_an_upgrade() -> None:
    class _Network:
        @staticmethod
        def subnet(use: str) -> str:
            return use

    class _Site:
        network = _Network
        place = type("Place", (), {"tags": {}})

    upgrade = machine(POOL, _Site)["upgrade_settings"]  # type: ignore[arg-type]
    assert (upgrade.max_surge, upgrade.max_unavailable) == ("0", "1")
    upgrade = machine(replace(POOL, gpus=0), _Site)["upgrade_settings"]  # type: ignore[arg-type]
    assert (upgrade.max_surge, upgrade.max_unavailable) == ("1", "0")
