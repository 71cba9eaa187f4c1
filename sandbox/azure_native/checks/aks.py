"""AKS: clusters and pools of nodes."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
from collections.abc import Iterable, Iterator
from typing import Any

from components.azure import catalog
from sandbox.azure_native.checks import network, roles, vaults
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem, Refusal

CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
VERSIONS = ("1.32", "1.33", "1.34", "1.35", "1.36")
"""Versions that AKS takes (AKS documentation, "Supported Kubernetes versions"; which of them it
still takes for new clusters changes with the month)."""
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
FIXED_OF_POOLS = (
    "vmSize",
    "osDiskSizeGB",
    "osDiskType",
    "osType",
    "availabilityZones",
    "vnetSubnetID",
    "maxPods",
    "scaleSetPriority",
)
"""What a pool keeps (x-ms-mutability of the API's specification; AKS documentation, "Manage node
pools", "Limitations")."""
_KUBENET = "kubenet"
_POOL_NAME_LENGTH = 12


def pools_inside(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A cluster is made with a pool for its own pods, whose machines there are."""
    pools = properties["agentPoolProfiles"] or []
    if not any(one.get("mode") == "System" for one in pools):
        yield Problem("agentPoolProfiles", "InvalidParameter: there is no pool of the mode System")
    for one in pools:
        name = str(one.get("name"))
        if not (name.isalnum() and name.islower() and len(name) <= _POOL_NAME_LENGTH):
            yield Problem(
                "agentPoolProfiles",
                f"InvalidParameter: {name!r} must be {_POOL_NAME_LENGTH} small letters and digits "
                "at most",
            )
        yield from _machine(one, "agentPoolProfiles")
        yield from _bounds(one, "agentPoolProfiles")


def pools_stay(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What a cluster was made with keeps its machines: other ones are another pool, which is not
    added through the cluster (AKS documentation, "Manage node pools", "Limitations")."""
    before = {str(one.get("name")): one for one in old["agentPoolProfiles"] or []}
    for one in new["agentPoolProfiles"] or []:
        name = str(one.get("name"))
        if name not in before:
            yield Problem(
                "agentPoolProfiles",
                f"BadRequest: a new agent pool was introduced, {name}: pools are added to a "
                "cluster by operations of their own",
            )
            continue
        for field in FIXED_OF_POOLS:
            if before[name].get(field) != one.get(field):
                yield Problem(
                    "agentPoolProfiles",
                    f"PropertyChangeNotAllowed: {field} of {name} is {before[name].get(field)} "
                    f"and stays so, not {one.get(field)}",
                )


def _machine(pool: Any, where: str) -> Iterator[Problem]:  # noqa: ANN401  (an object of the SDK)
    try:
        catalog.machine_type(str(pool.get("vmSize")))
    except catalog.CatalogError as error:
        yield Problem(where, f"InvalidParameter: {error}")


def _bounds(pool: Any, where: str) -> Iterator[Problem]:  # noqa: ANN401
    least, most, count = pool.get("minCount"), pool.get("maxCount"), pool.get("count")
    if pool.get("enableAutoScaling"):
        if least is None or most is None or least > most:
            yield Problem(where, "autoscaling needs minCount, and a maxCount no smaller")
        elif count is not None and not least <= count <= most:
            yield Problem(where, f"count {count} is not between {least} and {most}")
    elif least is not None or most is not None:
        yield Problem(where, "minCount and maxCount go with enableAutoScaling")


def pool_machine(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The machines exist where the pool is to be."""
    yield from _machine(properties, "vmSize")
    name = str(properties["vmSize"])
    if cloud.region and not catalog.machine_offered(name, cloud.region):
        yield Problem("vmSize", f"SkuNotAvailable: {name} is not offered in {cloud.region}")


def pool_bounds(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A pool has a number of nodes, or grows by itself within bounds."""
    yield from _bounds(properties, "count")


def pool_priority(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Spare machines are for pods of the user alone, and a pool of the system has a node."""
    spot = properties["scaleSetPriority"] == "Spot"
    system = properties["mode"] == "System"
    if spot and system:
        yield Problem("scaleSetPriority", "a pool of the mode System cannot be of Spot machines")
    if properties["spotMaxPrice"] is not None and not spot:
        yield Problem("spotMaxPrice", "it goes with scaleSetPriority Spot")
    if system and properties["minCount"] == 0:
        yield Problem("minCount", "a pool of the mode System has a node at least")


def networking(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Addresses of Services lie in their range, and networks are of a kind that stays."""
    profile = properties["networkProfile"] or {}
    if profile.get("networkPlugin") == _KUBENET:
        yield Problem(
            "networkProfile", "kubenet is retired on 2028-03-31: use azure with the mode overlay"
        )
    services, dns = profile.get("serviceCidr"), profile.get("dnsServiceIP")
    if bool(services) != bool(dns):
        yield Problem("networkProfile", "serviceCidr and dnsServiceIP go together")
    if services and dns:
        inside = ipaddress.ip_network(services)
        if ipaddress.ip_address(dns) not in inside:
            yield Problem("networkProfile", f"dnsServiceIP {dns} does not lie in {services}")
    if profile.get("networkPluginMode") == "overlay" and profile.get("networkPlugin") != "azure":
        yield Problem("networkProfile", "the mode overlay goes with the plugin azure")
    if profile.get("networkDataplane") == "cilium" and profile.get("networkPolicy") not in (
        None,
        "cilium",
    ):
        yield Problem("networkProfile", "networkDataplane cilium goes with networkPolicy cilium")


def version_offered(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """AKS has the version."""
    given = properties["kubernetesVersion"]
    if given and _minor(given) not in VERSIONS:
        yield Problem(
            "kubernetesVersion",
            f"K8sVersionNotSupported: {given}; use one of {', '.join(VERSIONS)}",
        )


def _minor(version: object) -> str:
    return ".".join(str(version).split(".")[:2])


def version_steps(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A control plane goes up one minor version at a time, and never down."""
    before, after = _minor(old["kubernetesVersion"]), _minor(new["kubernetesVersion"])
    if before in VERSIONS and after in VERSIONS:
        step = VERSIONS.index(after) - VERSIONS.index(before)
        if step not in (0, 1):
            yield Problem("kubernetesVersion", f"{before} does not become {after}")


def admission(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A private control plane has no list of networks; directory accounts need the directory."""
    access = properties["apiServerAccessProfile"] or {}
    if access.get("enablePrivateCluster") and access.get("authorizedIPRanges"):
        yield Problem(
            "apiServerAccessProfile",
            "authorizedIPRanges and enablePrivateCluster exclude each other",
        )
    if properties["disableLocalAccounts"] and not properties["aadProfile"]:
        yield Problem("disableLocalAccounts", "it needs aadProfile: nobody could log in")
    workload = properties.get("securityProfile.workloadIdentity.enabled")
    if workload and not properties.get("oidcIssuerProfile.enabled"):
        yield Problem("securityProfile", "workloadIdentity needs oidcIssuerProfile.enabled")


def subnets_fit(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Nodes stand in a subnet without a delegation, with a way out, where the cluster may act."""
    outbound = properties.get("networkProfile.outboundType")
    identities = properties.get("identity.userAssignedIdentities") or []
    for given in {one.get("vnetSubnetID") for one in properties["agentPoolProfiles"] or []} - {
        None
    }:
        subnet = cloud.find(network.SUBNET, "id", given)
        if subnet is None:
            yield Problem("agentPoolProfiles", f"InvalidVnetSubnet: there is no {given}")
            continue
        if network.delegation(subnet):
            yield Problem(
                "agentPoolProfiles", f"{subnet.label} is delegated to {network.delegation(subnet)}"
            )
        if outbound == "userAssignedNATGateway" and not subnet.get("natGateway.id"):
            yield Problem("networkProfile", f"{subnet.label} has no NAT gateway")
        yield from _may_act(identities, subnet, cloud)


def _may_act(
    identities: Iterable[object], subnet: CloudObject, cloud: AzureCloud
) -> Iterator[Problem]:
    for identity in identities:
        if not roles.held(str(identity), NETWORK_CONTRIBUTOR, subnet.id, cloud):
            yield Problem(
                "identity",
                f"LinkedAuthorizationFailed: grant {identity} the role Network Contributor on "
                f"{subnet.label} first",
            )


def api_server_subnet(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """An API server in the network has a subnet of its own, where the cluster may act."""
    access = properties["apiServerAccessProfile"] or {}
    if not access.get("enableVnetIntegration"):
        return
    subnet = cloud.find(network.SUBNET, "id", str(access.get("subnetId")))
    if subnet is None:
        yield Problem(
            "apiServerAccessProfile", f"InvalidVnetSubnet: there is no {access.get('subnetId')}"
        )
        return
    if network.delegation(subnet) != network.CLUSTERS:
        yield Problem(
            "apiServerAccessProfile", f"{subnet.label} is not delegated to {network.CLUSTERS}"
        )
    identities = properties.get("identity.userAssignedIdentities") or []
    yield from _may_act(identities, subnet, cloud)


def key_usable(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The cluster's identity may use the key of its secrets, and its API server reaches it."""
    kms = properties.get("securityProfile.azureKeyVaultKms") or {}
    if not kms.get("enabled"):
        return
    identities = properties.get("identity.userAssignedIdentities") or []
    for identity in identities:
        yield from vaults.usable(
            kms.get("keyId"), identity, "securityProfile", cloud, roles.KEY_USER
        )
    vault = cloud.find(vaults.VAULT, "id", str(kms.get("keyVaultResourceId")))
    private = kms.get("keyVaultNetworkAccess") == "Private"
    if not private:
        if vault is not None and vault.get("properties.publicNetworkAccess") == "Disabled":
            yield Problem(
                "securityProfile", f"{vault.label} answers no public network: say Private"
            )
        return
    if not properties.get("apiServerAccessProfile.enableVnetIntegration"):
        yield Problem(
            "securityProfile",
            "a private vault is reached by an API server in the network alone: set "
            "apiServerAccessProfile.enableVnetIntegration",
        )
    if vault is None:
        return
    for identity in identities:
        if not roles.held(str(identity), roles.VAULT_CONTRIBUTOR, vault.id, cloud):
            yield Problem(
                "identity",
                f"LinkedAuthorizationFailed: grant {identity} the role Key Vault Contributor on "
                f"{vault.label} first",
            )


def kubelet(properties: Properties, cloud: AzureCloud) -> dict[str, Any]:
    """The identity of the nodes, which the cluster makes in a group of its own."""
    name, group = properties["resourceName"], properties["resourceGroupName"]
    seed = f"{cloud.subscription}/{group}/{name}"
    return {
        "kubeletidentity": {
            "clientId": _uuid(f"{seed}/client"),
            "objectId": _uuid(f"{seed}/object"),
            "resourceId": f"/subscriptions/{cloud.subscription}/resourceGroups/MC_{group}_{name}/"
            f"providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}-agentpool",
        }
    }


def _uuid(seed: str) -> str:
    digits = hashlib.sha256(seed.encode()).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def current_version(properties: Properties, cloud: AzureCloud) -> str:
    """The newest patch of the version that is asked for."""
    given = str(properties["kubernetesVersion"] or VERSIONS[-2])
    return given if given.count(".") > 1 else f"{given}.4"


def certificate(cluster: CloudObject) -> str:
    """The certificate of a cluster's authority in base64; its content is invented."""
    body = base64.b64encode(hashlib.shake_256(cluster.id.encode()).digest(48)).decode()
    text = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    return base64.b64encode(text.encode()).decode()


def credentials(arguments: Properties, cloud: AzureCloud) -> dict[str, Any]:
    """The result of listManagedClusterUserCredentials: a kubeconfig in base64, whose user logs in
    to the directory."""
    name = arguments["resourceName"]
    found = cloud.find(CLUSTER, "resourceName", name)
    if found is None:
        raise Refusal.missing(f"ResourceNotFound: there is no cluster {name}")
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "kubelogin",
            "args": ["get-token", "--login", "azurecli"],
        }
    }
    described = {
        "server": f"https://{found.get('fqdn')}:443",
        "certificate-authority-data": certificate(found),
    }
    text = json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": described}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": "deployer"}}],
            "current-context": name,
            "users": [{"name": "deployer", "user": user}],
        }
    )
    encoded = base64.b64encode(text.encode()).decode()
    return {"kubeconfigs": [{"name": "clusterUser", "value": encoded}]}
