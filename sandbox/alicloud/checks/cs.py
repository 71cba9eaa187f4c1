"""Clusters and their machines."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.alicloud import catalog
from components.sizing import CatalogError
from sandbox.alicloud.checks import kms, network
from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

CLUSTER = "alicloud:cs/managedKubernetes:ManagedKubernetes"
VERSIONS = ("1.32.7-aliyun.1", "1.33.3-aliyun.1", "1.34.1-aliyun.1", "1.35.2-aliyun.1")
"""Versions that ACK offers, oldest first: assumed, by its pattern of names (ACK documentation,
"Kubernetes versions")."""
ADDONS = frozenset(
    {
        "ack-node-local-dns",
        "ack-node-problem-detector",
        "ack-virtual-node",
        "alb-ingress-controller",
        "arms-prometheus",
        "cloud-controller-manager",
        "coredns",
        "csi-plugin",
        "csi-provisioner",
        "flannel",
        "gateway-api",
        "logtail-ds",
        "loongcollector",
        "managed-aliyun-acr-credential-helper",
        "managed-csiprovisioner",
        "metrics-server",
        "nginx-ingress-controller",
        "security-inspector",
        "storage-operator",
        "terway-controlplane",
        "terway-eniip",
    }
)
"""Components of ACK (ACK documentation, "Release notes for components"; a part of them)."""
TERWAY = "terway-eniip"
ROLES = ("admin", "ops", "dev", "restricted", "istio-admin")
"""Roles that ACK defines (the provider's documentation of role_name)."""
PRO = "ack.pro."
GPU_TYPES = ("gpu", "gpushare")
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)-aliyun\.(\d+)")


def _numbers(version: str) -> tuple[int, ...]:
    match = _VERSION.fullmatch(version)
    return tuple(int(part) for part in match.groups()) if match else ()


def version_offered(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The version is one that ACK offers, with its build."""
    given = properties["version"]
    if given is not None and given not in VERSIONS:
        yield Problem(
            "version",
            f"ErrorClusterVersion: {given} is not offered: use one of {', '.join(VERSIONS)}",
        )


def version_never_falls(
    old: Properties, new: Properties, cloud: AlicloudCloud
) -> Iterator[Problem]:
    """A cluster goes up by one minor version at a time (ACK documentation, "Update an ACK
    cluster")."""
    before, after = _numbers(old["version"] or ""), _numbers(new["version"] or "")
    if not before or not after:
        return
    if after < before:
        yield Problem("version", f"ErrorClusterVersion: {new['version']} is below {old['version']}")
    elif after[1] - before[1] > 1:
        yield Problem(
            "version", f"ErrorClusterVersion: from {old['version']} go up one minor version first"
        )


def ranges(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Addresses of services are private."""
    text = properties["serviceCidr"]
    if text is None:
        return
    try:
        found = ipaddress.IPv4Network(text)
    except ValueError as error:
        yield Problem("serviceCidr", f"{text!r} is no range: {error}")
        return
    if not any(found.subnet_of(one) for one in network.PRIVATE):
        yield Problem("serviceCidr", f"ErrorServiceCidr: {text} is not private")


def networking(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """With Terway pods have vSwitches, with Flannel a range of their own; one of the two."""
    names = [name for _, name in properties.find("addons[*].name")]
    for name in names:
        if name not in ADDONS:
            yield Problem("addons", f"AddonNotFound: {name!r} is no component of ACK")
    terway = TERWAY in names
    if terway != bool(properties["podVswitchIds"]):
        yield Problem("podVswitchIds", f"they go with {TERWAY} among the addons, which needs them")
    if terway and properties["podCidr"] is not None:
        yield Problem("podCidr", f"it goes with flannel; {TERWAY} has podVswitchIds")
    if not terway and properties["podCidr"] is None:
        yield Problem("podCidr", "ErrorPodCidr: flannel needs a range for pods")


def encryption(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Only professional clusters encrypt their Secrets (ACK documentation, "Use KMS to encrypt
    Kubernetes Secrets")."""
    spec = properties["clusterSpec"] or "ack.standard"
    if properties["encryptionProviderKey"] is not None and not spec.startswith(PRO):
        yield Problem("encryptionProviderKey", f"it goes with {PRO}small and above, not {spec}")


def not_encrypted(_old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Without encryption the key is of no account (the provider's DiffSuppressFunc)."""
    return bool(new.get("disableEncryption"))


def logs(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The log of the control plane is kept for a number of days."""
    days = properties["controlPlaneLogTtl"]
    if days is not None and not str(days).isdecimal():
        yield Problem("controlPlaneLogTtl", f"{days!r} is no number of days")
    if properties["controlPlaneLogComponents"] and properties["controlPlaneLogProject"] is None:
        yield Problem("controlPlaneLogProject", "say where the logs go")


def own_nat(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The gateway that a cluster makes by itself is nobody's resource, and stays."""
    if properties["newNatGateway"]:
        yield Problem(
            "newNatGateway",
            "true is the default, and makes a gateway outside the stack that is billed and blocks "
            "the deletion of the network: set it to false",
        )


def ranges_apart(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Addresses of services are none of the network's."""
    switch = cloud.find(network.SWITCH, "id", properties["vswitchIds"][0])
    found = cloud.find(network.NETWORK, "id", switch.get("vpcId")) if switch else None
    text = properties["serviceCidr"]
    if found is None or text is None:
        return
    whole = ipaddress.IPv4Network(str(found.get("cidrBlock")))
    if whole.overlaps(ipaddress.IPv4Network(text)):
        yield Problem("serviceCidr", f"ErrorServiceCidr: {text} overlaps with {whole}")


def pods_in_the_network(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """vSwitches of pods are of the same network, and in the zones of the machines."""
    machines = [cloud.find(network.SWITCH, "id", one) for one in properties["vswitchIds"]]
    pods = [cloud.find(network.SWITCH, "id", one) for one in properties["podVswitchIds"] or []]
    found = [one for one in (*machines, *pods) if one is not None]
    if len({one.get("vpcId") for one in found}) > 1:
        yield Problem("podVswitchIds", "the vSwitches are in several networks")
    served = {one.get("zoneId") for one in pods if one is not None}
    for machine in machines:
        if pods and machine is not None and machine.get("zoneId") not in served:
            yield Problem(
                "podVswitchIds",
                f"machines in {machine.get('zoneId')} would have no addresses for pods: name a "
                "vSwitch of that zone",
            )


def pod_switches_stay(old: Properties, new: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The provider names them to ACK when the cluster is made, and never again."""
    if sorted(old["podVswitchIds"] or []) != sorted(new["podVswitchIds"] or []):
        yield Problem(
            "podVswitchIds",
            "the provider would leave it as it was: name the vSwitches of all zones when the "
            "cluster is made",
        )


def key_enabled(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The key of the Secrets can be used."""
    yield from kms.usable(properties["encryptionProviderKey"], "encryptionProviderKey", cloud)


def newest_version(properties: Properties, cloud: AlicloudCloud) -> str:
    """What a cluster gets that names none."""
    return VERSIONS[-1]


def connections(properties: Properties, cloud: AlicloudCloud) -> list[dict[str, str]]:
    """Addresses of the API server: inside the network, and outside where it may be reached."""
    seed = str(properties["id"])
    inside = network.address_inside(properties["vswitchIds"][0], seed, cloud)
    number = int.from_bytes(seed.encode()[-2:]) % 250 + 1
    public = f"198.51.100.{number}" if properties["slbInternetEnabled"] else ""
    return [
        {
            "apiServerIntranet": f"https://{inside}:6443",
            "apiServerInternet": f"https://{public}:6443" if public else "",
            "masterPublicIp": "",
            "serviceDomain": f"*.{seed}.{cloud.region}.alicontainer.com",
        }
    ]


def certificates(properties: Properties, cloud: AlicloudCloud) -> list[dict[str, str]]:
    """The certificate of the cluster's authority; those of clients are handed out on request."""
    if properties["skipSetCertificateAuthority"]:
        return []
    authority = _authority(str(properties["id"]))
    return [{"clusterCert": authority, "clientCert": "", "clientKey": ""}]


def _authority(cluster: str) -> str:
    text = f"-----BEGIN CERTIFICATE-----\n{cluster}\n-----END CERTIFICATE-----\n"
    return base64.b64encode(text.encode()).decode()


def rrsa(properties: Properties, cloud: AlicloudCloud) -> dict[str, Any]:
    """By what the rights of service accounts are handed out."""
    if not properties["enableRrsa"]:
        return {"enabled": False}
    cluster = properties["id"]
    provider = f"ack-rrsa-{cluster}"
    return {
        "enabled": True,
        "rrsaOidcIssuerUrl": f"https://oidc-ack-{cloud.region}.oss-{cloud.region}.aliyuncs.com/"
        f"{cluster}",
        "ramOidcProviderName": provider,
        "ramOidcProviderArn": f"acs:ram::{cloud.account}:oidc-provider/{provider}",
    }


def machine_types(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Machines that there are, with GPUs where the pool is one of GPUs."""
    kind = (properties["scalingConfig"] or {}).get("type") or "cpu"
    for name in properties["instanceTypes"]:
        try:
            found = catalog.instance_type(name)
        except CatalogError as error:
            yield Problem("instanceTypes", f"InvalidInstanceType.NotFound: {error}")
            continue
        if (kind in GPU_TYPES) != bool(found.gpus) and kind != "spot":
            yield Problem(
                "scalingConfig",
                f"{name} has {found.gpus} GPUs, and scalingConfig.type is {kind}: it must be gpu "
                "for machines with GPUs, and for them alone",
            )


def sizes(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A pool has bounds or a size."""
    bounds = properties["scalingConfig"]
    if bounds is None:
        if properties["desiredSize"] is None and properties["nodeCount"] is None:
            yield Problem("desiredSize", "MissingParameter: give scalingConfig or desiredSize")
        return
    if bounds.get("enable") and (bounds.get("minSize") or 0) > (bounds.get("maxSize") or 0):
        yield Problem(
            "scalingConfig", f"minSize {bounds['minSize']} is above maxSize {bounds.get('maxSize')}"
        )


def spot(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Spare machines are scaled as such."""
    strategy = properties["spotStrategy"] or "NoSpot"
    limits = properties["spotPriceLimits"]
    if (strategy == "SpotWithPriceLimit") != bool(limits):
        yield Problem("spotPriceLimits", "they go with SpotWithPriceLimit, which needs them")


def disk(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A key goes with encryption, a level with ESSD."""
    if properties["systemDiskKmsKey"] is not None and not properties["systemDiskEncrypted"]:
        yield Problem("systemDiskKmsKey", "it goes with systemDiskEncrypted")
    category = properties["systemDiskCategory"] or "cloud_essd"
    if properties["systemDiskPerformanceLevel"] is not None and category != "cloud_essd":
        yield Problem("systemDiskPerformanceLevel", f"{category} has none; cloud_essd has")


def managed(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Repair and upgrade are part of the management of a pool."""
    given = properties["management"] or {}
    if given.get("autoRepair") and not given.get("enable"):
        yield Problem("management", "autoRepair goes with enable")


def pool_in_the_network(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Machines stand in the cluster's network."""
    cluster = cloud.find(CLUSTER, "id", properties["clusterId"])
    for name in properties["vswitchIds"]:
        switch = cloud.find(network.SWITCH, "id", name)
        if cluster and switch and switch.get("vpcId") != cluster.get("vpcId"):
            yield Problem("vswitchIds", f"ErrorVSwitch: {switch.label} is in another network")


def role_known(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A role of ACK's own, unless it is said to be one of the cluster's."""
    for _, given in properties.find("permissions[*]"):
        if not given.get("isCustom") and given["roleName"] not in ROLES:
            yield Problem("permissions", f"{given['roleName']!r} is none of {', '.join(ROLES)}")
        if given["roleType"] == "namespace" and not given.get("namespace"):
            yield Problem("permissions", "a role of a namespace names it")


def versions(arguments: Properties, cloud: AlicloudCloud) -> dict[str, Any]:
    """The result of getKubernetesVersion."""
    asked = arguments["kubernetesVersion"]
    return {
        "id": cloud.region,
        "clusterType": arguments["clusterType"],
        "kubernetesVersion": asked,
        "profile": arguments["profile"],
        "metadatas": [
            {"version": version, "runtimes": [{"name": "containerd", "version": "2.1.3"}]}
            for version in VERSIONS
            if asked in (None, version)
        ],
    }


def credential(arguments: Properties, cloud: AlicloudCloud) -> dict[str, Any]:
    """The result of getClusterCredential. No key of a client is made up."""
    from sandbox.errors import Refusal  # the only function that refuses

    cluster = cloud.find(CLUSTER, "id", arguments["clusterId"])
    if cluster is None:
        raise Refusal.unknown(
            f"ErrorClusterNotFound: there is no cluster {arguments['clusterId']}",
            "depend on the cluster",
        )
    return {
        "id": cluster.id,
        "clusterId": cluster.id,
        "clusterName": cluster.get("name"),
        "expiration": "",
        "kubeConfig": "",
        "certificateAuthorities": [
            {"clusterCert": _authority(cluster.id), "clientCert": "", "clientKey": ""}
        ],
    }
