"""Containers of apps and jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from components.azure import catalog
from sandbox.azure_native.checks import ids, vaults
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_MEMORY = re.compile(r"(\d+(?:\.\d+)?)Gi")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SECRET = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_CONTAINER = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_BOUNDS = {
    "initialDelaySeconds": (0, 60),
    "periodSeconds": (1, 240),
    "timeoutSeconds": (1, 240),
    "failureThreshold": (1, 10),
    "successThreshold": (1, 10),
}
"""SDK, arguments of `ContainerAppProbe`."""
_PROBES = ("Startup", "Liveness", "Readiness")
_KINDS = ("EmptyDir", "Secret", "AzureFile", "NfsAzureFile")


def of(properties: Properties) -> list[dict[str, Any]]:
    """Containers that run side by side."""
    return [one for _, one in properties.find("template.containers[*]")]


def _all(properties: Properties) -> list[dict[str, Any]]:
    return [*(one for _, one in properties.find("template.initContainers[*]")), *of(properties)]


def sizes(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Without machines, CPU and memory of all containers together are one of the pairs that there
    are."""
    vcpus, gib = 0.0, 0.0
    for one in of(properties):
        held = one.get("resources") or {}
        match = _MEMORY.fullmatch(str(held.get("memory")))
        if match is None or held.get("cpu") is None:
            yield Problem("template", f"{one.get('name')} needs cpu, and a memory in Gi")
            return
        vcpus, gib = vcpus + float(held["cpu"]), gib + float(match[1])
    if properties["workloadProfileName"] not in (None, "Consumption"):
        return
    if not catalog.serverless_size(vcpus, round(gib * 1024)):
        yield Problem(
            "template",
            "ContainerAppInvalidResourceTotal: cpu and memory of all containers add up to "
            f"{vcpus:g} and {gib:g}Gi, which is none of the pairs 0.25 and 0.5Gi to 4 and 8Gi",
        )


def names(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Containers have names of their own, and an image."""
    given = [str(one.get("name")) for one in _all(properties)]
    for twice in sorted({name for name in given if given.count(name) > 1}):
        yield Problem("template", f"two containers are called {twice}")
    for one in _all(properties):
        if not _CONTAINER.fullmatch(str(one.get("name"))):
            yield Problem("template", f"{one.get('name')!r} is no name of a container")
        if not one.get("image"):
            yield Problem("template", f"{one.get('name')} needs an image")


def variables(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A variable has one value, and a secret that it names is there."""
    known = {name for _, name in properties.find("configuration.secrets[*].name")}
    for one in _all(properties):
        seen = [entry.get("name") for entry in one.get("env") or []]
        for twice in sorted({name for name in seen if seen.count(name) > 1}):
            yield Problem("template", f"{one['name']} has the variable {twice} twice")
        for entry in one.get("env") or []:
            name, secret = str(entry.get("name")), entry.get("secretRef")
            if not _VARIABLE.fullmatch(name):
                yield Problem("template", f"{name!r} is no name of a variable")
            if secret and entry.get("value"):
                yield Problem("template", f"{name} needs one of value and secretRef")
            if secret and secret not in known:
                yield Problem("template", f"ContainerAppSecretRefNotFound: {name} names {secret}")


def secrets(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A secret has a value, or an address in a vault with the identity that reads it."""
    identities = set(properties.get("identity.userAssignedIdentities") or [])
    for _, one in properties.find("configuration.secrets[*]"):
        name, url = one.get("name"), one.get("keyVaultUrl")
        if not _SECRET.fullmatch(str(name)):
            yield Problem(
                "configuration", f"{name!r} is no name of a secret: small letters, digits, -"
            )
        if bool(url) == bool(one.get("value")):
            yield Problem("configuration", f"{name} needs one of value and keyVaultUrl")
        if url and one.get("identity") not in identities:
            yield Problem(
                "configuration",
                f"{name} is read by {ids.tail(str(one.get('identity')))}, which is none of "
                "its identities",
            )


def secrets_readable(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Identities may read the secrets that they are to read."""
    for _, one in properties.find("configuration.secrets[*]"):
        if url := one.get("keyVaultUrl"):
            yield from vaults.readable(url, one.get("identity"), "configuration", cloud)


def probes(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A container has one probe of a kind, which asks in one way and in its bounds."""
    for one in of(properties):
        given = one.get("probes") or []
        kinds = [probe.get("type") for probe in given]
        if len(set(kinds)) < len(kinds) or not set(kinds) <= set(_PROBES):
            yield Problem("template", f"{one['name']} has one probe each of {', '.join(_PROBES)}")
        for probe in given:
            if bool(probe.get("httpGet")) == bool(probe.get("tcpSocket")):
                yield Problem("template", "a probe needs one of httpGet and tcpSocket")
            for name, (low, high) in _BOUNDS.items():
                value = probe.get(name)
                if value is not None and not low <= value <= high:
                    yield Problem("template", f"{name} {value} must be between {low} and {high}")


def volumes(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What is mounted is there, and of a kind that there is."""
    known = {one.get("name"): one for _, one in properties.find("template.volumes[*]")}
    for name, one in known.items():
        if one.get("storageType", "EmptyDir") not in _KINDS:
            yield Problem("template", f"storageType of {name} must be one of {', '.join(_KINDS)}")
    for one in _all(properties):
        for mount in one.get("volumeMounts") or []:
            if mount.get("volumeName") not in known:
                yield Problem(
                    "template", f"{one['name']}: there is no volume {mount.get('volumeName')}"
                )
