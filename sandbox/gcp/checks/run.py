"""Cloud Run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.gcp import catalog
from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks.links import tail
from sandbox.gcp.cloud import GcpCloud
from sandbox.values import Value

SECRET = "gcp:secretmanager/secret:Secret"  # noqa: S105  (a type token)
VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
GRANT = "gcp:secretmanager/secretIamMember:SecretIamMember"
READ = "roles/secretmanager.secretAccessor"
MOST_STARTUP_SECONDS = 240
MOST_NAME_AND_TOKEN = 63
LEAST_DISK_MIB = 10 * 1024
_MIB = re.compile(r"(\d+)Mi")
_GIB = re.compile(r"(\d+)Gi")


def containers(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """One container answers requests; volumes that are mounted exist; waits go round in no
    circle."""
    given = properties.get("template.containers") or []
    ports = [one for one in given if one.get("ports")]
    if len(given) > 1 and len(ports) != 1:
        yield Problem("template", f"{len(ports)} containers have a port; exactly one answers")
    yield from _named(given, properties.get("template.volumes") or [], "template")


def job_containers(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Volumes that are mounted exist."""
    inner = properties.get("template.template") or {}
    yield from _named(inner.get("containers") or [], inner.get("volumes") or [], "template")


def _named(given: Value, volumes: Value, where: str) -> Iterator[Problem]:
    names = {one.get("name") for one in given}
    known = {one["name"] for one in volumes}
    for one in given:
        for mount in one.get("volumeMounts") or []:
            if mount["name"] not in known:
                yield Problem(where, f"Error 400: there is no volume {mount['name']}")
        for other in one.get("dependsOns") or []:
            if other not in names:
                yield Problem(where, f"Error 400: there is no container {other} to wait for")
        variables = [env["name"] for env in one.get("envs") or []]
        for twice in sorted({name for name in variables if variables.count(name) > 1}):
            yield Problem(where, f"Error 400: the variable {twice} is given twice")
        for name in {"PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"} & set(variables):
            yield Problem(where, f"Error 400: the variable {name} is Cloud Run's own")


def job_disks(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A disk of its own is a preview, and 10 GiB at least."""
    for volume in properties.get("template.template.volumes") or []:
        folder = volume.get("emptyDir") or {}
        if folder.get("medium") != "DISK":
            continue
        if properties["launchStage"] not in ("ALPHA", "BETA"):
            yield Problem(
                "launchStage", "Error 400: a volume on disk is a preview: set launchStage to BETA"
            )
        if _mib(folder.get("sizeLimit") or "") < LEAST_DISK_MIB:
            yield Problem("template", f"Error 400: {volume['name']}: give it 10Gi of disk or more")


def sizes(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """All containers of a copy together have a size that Cloud Run has."""
    yield from _size(properties.get("template.containers") or [])


def job_sizes(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """As of services."""
    yield from _size(properties.get("template.template.containers") or [])


def _size(given: Value) -> Iterator[Problem]:
    limits = [((one.get("resources") or {}).get("limits") or {}) for one in given]
    vcpus = sum(float(each.get("cpu", 1)) for each in limits)
    memory = sum(_mib(each.get("memory", "512Mi")) for each in limits)
    if not catalog.serverless_size_valid(vcpus, memory):
        yield Problem(
            "template",
            f"Error 400: a copy of {vcpus:g} CPU and {memory} MiB does not exist; 1 CPU goes with "
            "512 to 4096 MiB, 2 with 512 to 8192, 4 with 2048 to 16384, 8 with 4096 to 32768",
        )


def _mib(text: str) -> int:
    if match := _MIB.fullmatch(text):
        return int(match[1])
    match = _GIB.fullmatch(text)
    return int(match[1]) * 1024 if match else 0


def probes(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A container has 240 s to start."""
    for _, probe in properties.find("template.containers[*].startupProbe"):
        if not probe:
            continue
        seconds = probe.get("failureThreshold", 3) * probe.get("periodSeconds", 10)
        if seconds > MOST_STARTUP_SECONDS:
            yield Problem(
                "template",
                f"Error 400: a startup probe of {seconds} s exceeds {MOST_STARTUP_SECONDS} s",
            )


def bounds(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """No more copies at least than at most; requests of up to an hour."""
    low = properties.get("template.scaling.minInstanceCount") or 0
    high = properties.get("template.scaling.maxInstanceCount")
    if high is not None and low > high:
        yield Problem("template", f"Error 400: minInstanceCount {low} exceeds {high}")
    timeout = properties.get("template.timeout")
    if timeout and not 1 <= float(str(timeout).rstrip("s")) <= 3600:
        yield Problem("template", f"Error 400: timeout {timeout} must be between 1s and 3600s")


def token(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Name and token together make the name of the execution."""
    given = properties["runExecutionToken"] or properties["startExecutionToken"]
    if given and len(f"{properties['name']}{given}") >= MOST_NAME_AND_TOKEN:
        yield Problem(
            "runExecutionToken",
            f"Error 400: {properties['name']} and {given} together reach {MOST_NAME_AND_TOKEN} "
            "characters",
        )


def secrets_readable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """What containers refer to has a value, and their account may read it."""
    yield from _readable(properties.get("template") or {}, cloud)


def job_secrets_readable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """As of services."""
    yield from _readable(properties.get("template.template") or {}, cloud)


def _readable(template: Mapping[str, Any], cloud: GcpCloud) -> Iterator[Problem]:
    member = f"serviceAccount:{template.get('serviceAccount')}"
    for container in template.get("containers") or []:
        for env in container.get("envs") or []:
            reference = (env.get("valueSource") or {}).get("secretKeyRef")
            if reference and "/" not in reference["secret"]:
                yield from _one(env["name"], reference, member, cloud)


def _one(
    variable: str, reference: Mapping[str, Any], member: str, cloud: GcpCloud
) -> Iterator[Problem]:
    name, version = reference["secret"], reference.get("version", "latest")
    if cloud.find(SECRET, "secretId", name) is None:
        yield Problem("template", f"Error 404: {variable}: there is no secret {name}")
        return
    versions = {
        str(item.get("version"))
        for item in cloud.all(VERSION)
        if tail(str(item.get("secret"))) == name
    }
    if not versions or (version != "latest" and str(version) not in versions):
        yield Problem("template", f"Error 404: {variable}: {name} has no version {version}")
    granted = any(
        tail(str(item.get("secretId"))) == name
        and item.get("member") == member
        and item.get("role") == READ
        for item in cloud.all(GRANT)
    )
    if not granted:
        yield Problem(
            "template",
            f"Error 403: {variable}: {member} may not read {name}: grant it {READ} first",
        )
