"""Environments of Container Apps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sandbox.azure_native.checks import network, workspaces
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

ENVIRONMENT = "azure-native:app:ManagedEnvironment"
CONSUMPTION = ("Consumption", "Flex", "Consumption-GPU-NC24-A100", "Consumption-GPU-NC8as-T4")
DEDICATED = {
    **{f"D{cores}": (cores, cores * 4) for cores in (4, 8, 16, 32)},
    **{f"E{cores}": (cores, cores * 8) for cores in (4, 8, 16, 32)},
    "NC24-A100": (24, 220),
    "NC48-A100": (48, 440),
    "NC96-A100": (96, 880),
}
"""Machine -> vCPUs, GiB (Container Apps documentation, "Workload profiles")."""
PREMIUM = ("D4", "D8", "D16", "D32")
LEAST_PREMIUM_NODES = 2
_CONSUMPTION_ONLY_PREFIX = 23


def profiles(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Profiles exist, and have bounds where they have machines."""
    given = properties["workloadProfiles"] or []
    for profile in given:
        kind, name = profile["workloadProfileType"], profile["name"]
        bounds = (profile.get("minimumCount"), profile.get("maximumCount"))
        if kind in CONSUMPTION:
            if any(bound is not None for bound in bounds):
                yield Problem("workloadProfiles", f"{kind} has no counts: leave them out")
        elif kind not in DEDICATED:
            known = ", ".join((*CONSUMPTION, *DEDICATED))
            yield Problem("workloadProfiles", f"{kind} is not known here; known: {known}")
        elif None in bounds or bounds[0] > bounds[1]:
            yield Problem(
                "workloadProfiles", f"{name} needs minimumCount, and a maximumCount no smaller"
            )


def premium_ingress(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A way in with limits of its own has machines of its own (Container Apps documentation,
    "Configure ingress for an environment")."""
    ingress = properties["ingressConfiguration"]
    if not ingress:
        return
    named = ingress.get("workloadProfileName")
    profile = next(
        (one for one in properties["workloadProfiles"] or [] if one["name"] == named), None
    )
    if profile is None:
        yield Problem("ingressConfiguration", f"there is no workload profile {named}")
    elif profile["workloadProfileType"] not in PREMIUM:
        yield Problem(
            "ingressConfiguration",
            f"{profile['workloadProfileType']} takes no ingress: use one of {', '.join(PREMIUM)}",
        )
    elif (profile.get("minimumCount") or 0) < LEAST_PREMIUM_NODES:
        yield Problem("ingressConfiguration", f"{named} needs {LEAST_PREMIUM_NODES} nodes at least")
    scale = ingress.get("scale") or {}
    least = scale.get("minReplicas")
    if least is not None and least < LEAST_PREMIUM_NODES:
        yield Problem("ingressConfiguration", f"minReplicas {least} is below {LEAST_PREMIUM_NODES}")


def logs(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A workspace and its key are given where logs go to one directly, and nowhere else."""
    direct = properties.get("appLogsConfiguration.destination") == "log-analytics"
    given = properties.get("appLogsConfiguration.logAnalyticsConfiguration") or {}
    whole = bool(given.get("customerId") and given.get("sharedKey"))
    if direct != whole:
        yield Problem(
            "appLogsConfiguration",
            "customerId and sharedKey go with the destination log-analytics, which needs both",
        )


def subnet_fits(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """With workload profiles the subnet is delegated; without, it is large and is not. An internal
    environment has a subnet."""
    given = properties.get("vnetConfiguration.infrastructureSubnetId")
    if not given:
        for name, asked in (
            ("vnetConfiguration", properties.get("vnetConfiguration.internal")),
            ("zoneRedundant", properties["zoneRedundant"]),
        ):
            if asked:
                yield Problem(name, "it needs vnetConfiguration.infrastructureSubnetId")
        return
    subnet = cloud.find(network.SUBNET, "id", given)
    if subnet is None:
        return
    delegated = network.delegation(subnet)
    if properties["workloadProfiles"]:
        if delegated != network.APPS:
            yield Problem(
                "vnetConfiguration",
                f"ManagedEnvironmentSubnetDelegationError: delegate {subnet.label} to "
                f"{network.APPS}",
            )
        return
    if delegated:
        yield Problem(
            "vnetConfiguration", f"without workloadProfiles {subnet.label} is not delegated"
        )
    for own in network.ranges(subnet):
        if own.prefixlen > _CONSUMPTION_ONLY_PREFIX:
            yield Problem(
                "vnetConfiguration", f"{own} is smaller than a /{_CONSUMPTION_ONLY_PREFIX}"
            )


def workspace_exists(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Logs go to a workspace that is there."""
    given = properties.get("appLogsConfiguration.logAnalyticsConfiguration.customerId")
    if given and cloud.find(workspaces.WORKSPACE, "customerId", given) is None:
        yield Problem("appLogsConfiguration", f"there is no workspace with the customerId {given}")


def profiles_stay(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """An environment with workload profiles keeps them, and one without gets none."""
    before, after = bool(old["workloadProfiles"]), bool(new["workloadProfiles"])
    if before != after:
        yield Problem("workloadProfiles", "an environment has them from the beginning, or never")


def static_ip(properties: Properties, cloud: AzureCloud) -> str:
    """The address of the way in: of the subnet where the environment is internal."""
    given = properties.get("vnetConfiguration.infrastructureSubnetId")
    digest = hashlib.sha256(str(properties["environmentName"]).encode()).digest()
    if properties.get("vnetConfiguration.internal") and given:
        subnet = cloud.find(network.SUBNET, "id", given)
        if subnet:
            return str(network.ranges(subnet)[0][-10])
    return f"203.0.113.{digest[0]}"
