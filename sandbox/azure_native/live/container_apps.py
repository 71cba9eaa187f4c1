"""Reads what Container Apps runs: apps, jobs that a deployment script starts, and jobs by schedule.

What cannot be run here is noted on its process and refused when it is to start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.azure_native.live import apps, backends, front, secrets
from sandbox.cloud import CloudObject
from sandbox.live import probes
from sandbox.live.spec import Condition, LiveError, Objects, Process, Registration, Run, Service

JOB = "azure-native:app:Job"
SCRIPT = "azure-native:resources:AzureCliScript"

GRACE_SECONDS = 30
"""Template, `terminationGracePeriodSeconds`."""
_TRIGGERS = {"Manual": "manualTriggerConfig", "Schedule": "scheduleTriggerConfig"}
_Spec = Mapping[str, Any]


def services(objects: Objects) -> tuple[Service, ...]:
    """The apps of the stack, in the order of their creation. Raises LiveError."""
    return tuple(_service(objects, app) for app in objects.all(apps.APP))


def runs(objects: Objects) -> tuple[Run, ...]:
    """The jobs that a deployment script is told of: their run is part of the deployment."""
    told = {
        str(entry.get("value")).lower()
        for script in objects.all(SCRIPT)
        for entry in script.get("environmentVariables") or ()
    }
    return tuple(
        _run(objects, job)
        for job in objects.all(JOB)
        if job.get("configuration.triggerType") == "Manual" and job.id.lower() in told
    )


def scheduled(objects: Objects) -> tuple[Run, ...]:
    """The jobs that run by a timetable."""
    return tuple(
        _run(objects, job)
        for job in objects.all(JOB)
        if job.get("configuration.triggerType") == "Schedule"
    )


def _service(objects: Objects, app: CloudObject) -> Service:
    if app.get("configuration.activeRevisionsMode") not in (None, "Single"):
        raise LiveError(f"{app.label}: several revisions at once; only Single runs here")
    name, port = str(app.get("containerAppName")), apps.port(app)
    own = {
        "CONTAINER_APP_NAME": name,
        "CONTAINER_APP_REVISION": str(app.get("latestRevisionName") or ""),
        "CONTAINER_APP_ENV_DNS_SUFFIX": str(apps.environment(objects, app).get("defaultDomain")),
        **({} if port is None else {"CONTAINER_APP_PORT": str(port)}),
    }
    answering = None if port is None else apps.answering(app)
    groups = (*front.groups_of(app, objects), *backends.groups_of(app, objects))
    return Service(
        name=name,
        processes=tuple(_processes(objects, app, answering, own)),
        # With none at rest, the first request starts one.
        copies=max(1, int(app.get("template.scale.minReplicas") or 0)),
        registrations=tuple(
            Registration(container=answering["name"], port=port, group=group)
            for group in groups
            if answering is not None and port is not None
        ),
    )


def _run(objects: Objects, job: CloudObject) -> Run:
    trigger = _TRIGGERS[str(job.get("configuration.triggerType"))]
    for field in ("parallelism", "replicaCompletionCount"):
        if (given := job.get(f"configuration.{trigger}.{field}") or 1) != 1:
            raise LiveError(f"{job.label}: {field} is {given}; only 1 runs here")
    attempts = 1 + int(job.get("configuration.replicaRetryLimit") or 0)
    name = str(job.get("jobName"))
    return Run(
        name=name,
        processes=tuple(_processes(objects, job, None, {"CONTAINER_APP_JOB_NAME": name})),
        seconds=attempts * float(job.get("configuration.replicaTimeout")),
        attempts=attempts,
    )


def _processes(
    objects: Objects, item: CloudObject, answering: _Spec | None, own: Mapping[str, str]
) -> Iterator[Process]:
    """The containers of a copy: those that prepare it, one after the other, then the others.

    `answering`: the container that takes requests. `own`: variables that Container Apps adds.
    """
    template: _Spec = item.get("template")
    after: dict[str, Condition] = {}
    for container in template.get("initContainers") or ():
        yield _process(objects, item, container, own=own, after=dict(after), port=None)
        after[container["name"]] = "succeeded"
    for container in template["containers"]:
        port = apps.port(item) if container == answering else None
        yield _process(objects, item, container, own=own, after=after, port=port)


def _process(
    objects: Objects,
    item: CloudObject,
    container: _Spec,
    *,
    own: Mapping[str, str],
    after: Mapping[str, Condition],
    port: int | None,
) -> Process:
    template: _Spec = item.get("template")
    kinds = {
        volume["name"]: volume.get("storageType") or "EmptyDir"
        for volume in template.get("volumes") or ()
    }
    mounts = container.get("volumeMounts") or ()
    asked = {
        kind: apps.probe(container, kind, port) for kind in ("Startup", "Readiness", "Liveness")
    }
    return Process(
        name=container["name"],
        image=container["image"],
        command=(*(container.get("command") or ()), *(container.get("args") or ())),
        environment={**own, **_variables(objects, item, container)},
        working_directory="",
        folders={mount["mountPath"]: mount["volumeName"] for mount in mounts},
        ports=() if port is None else (port,),
        startup=probes.health(asked["Startup"], port),
        readiness=probes.health(asked["Readiness"], port),
        health=probes.health(asked["Liveness"], port),
        stop_seconds=float(template.get("terminationGracePeriodSeconds") or GRACE_SECONDS),
        after=after,
        refused=(
            *(
                f"volume {mount['volumeName']} of kind {kinds.get(mount['volumeName'])}"
                for mount in mounts
                if kinds.get(mount["volumeName"]) != "EmptyDir" or mount.get("subPath")
            ),
            *(
                f"{kind} probe other than tcpSocket or plain httpGet"
                for kind, probe in asked.items()
                if probe and probes.question(probe, port) is None
            ),
        ),
    )


def _variables(objects: Objects, item: CloudObject, container: _Spec) -> dict[str, str]:
    kept: Mapping[str, _Spec] = {
        each["name"]: each for each in item.get("configuration.secrets") or ()
    }
    found = {}
    for entry in container.get("env") or ():
        reference = entry.get("secretRef")
        if reference is None:
            found[entry["name"]] = str(entry.get("value") or "")
        elif reference not in kept:
            raise LiveError(f"{item.label} has no secret {reference}, which {entry['name']} names")
        elif address := kept[reference].get("keyVaultUrl"):
            found[entry["name"]] = secrets.secret(objects, address)
        else:
            found[entry["name"]] = str(kept[reference]["value"])
    return found
