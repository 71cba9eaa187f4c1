"""Reads what Cloud Run runs: services, and jobs that run once or on schedule.

Where a definition leaves something out, Cloud Run's own default holds (its API v2, the type that is
named). What cannot be run here is noted on its process and refused when it is to start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.gcp.checks.links import tail
from sandbox.gcp.live import secrets
from sandbox.gcp.live.load_balancer import groups_of
from sandbox.live import probes
from sandbox.live.spec import (
    Condition,
    Connect,
    Health,
    LiveError,
    Objects,
    Process,
    Registration,
    Run,
    Service,
)

SERVICE = "gcp:cloudrunv2/service:Service"
JOB = "gcp:cloudrunv2/job:Job"
SCHEDULE = "gcp:cloudscheduler/job:Job"

PORT = 8080
"""Container runtime contract, "Listening for requests on the correct port"."""
STOP_SECONDS = 10
"""The same, "Instance shutdown": from SIGTERM to SIGKILL."""
TASK_SECONDS = 600.0
TASK_RETRIES = 3
"""TaskTemplate, `timeout` and `maxRetries`."""
DEFAULT_STARTUP_SECONDS = 240
"""Health checks, "The default TCP startup probe": one attempt of 240 s."""
_CALL = re.compile(r".*/jobs/([^/:]+):run")
_PROBES = ("startupProbe", "livenessProbe")
_Spec = Mapping[str, Any]


def services(objects: Objects) -> tuple[Service, ...]:
    """The services of the stack, in the order of their creation. Raises LiveError."""
    return tuple(_service(objects, item) for item in objects.all(SERVICE))


def runs(objects: Objects) -> tuple[Run, ...]:
    """The jobs whose execution is part of their deployment: those with a token for it."""
    return tuple(_run(objects, job) for job in objects.all(JOB) if job.get("runExecutionToken"))


def scheduled(objects: Objects) -> tuple[Run, ...]:
    """The jobs that Cloud Scheduler runs, without those of schedules that are paused."""
    jobs = {str(job.get("name")): job for job in objects.all(JOB)}
    return tuple(
        _run(objects, jobs[called[1]])
        for item in objects.all(SCHEDULE)
        if not item.get("paused")
        and (called := _CALL.fullmatch(str(item.get("httpTarget.uri"))))
        and called[1] in jobs
    )


def seconds(text: object, default: float) -> float:
    """The seconds of a duration such as `900s`."""
    return float(str(text).removesuffix("s")) if text else default


def _service(objects: Objects, item: CloudObject) -> Service:
    name, template = str(item.get("name")), item.get("template")
    own = {"K_SERVICE": name, "K_CONFIGURATION": name}
    if revision := item.get("latestReadyRevision"):
        own["K_REVISION"] = tail(str(revision))
    containers: Sequence[_Spec] = template["containers"]
    [answering] = [each for each in containers if each.get("ports") or len(containers) == 1]
    port = int((answering.get("ports") or {}).get("containerPort") or PORT)
    least = [
        int((scaling or {}).get("minInstanceCount") or 0)
        for scaling in (template.get("scaling"), item.get("scaling"))
    ]
    return Service(
        name=name,
        processes=tuple(
            _process(
                objects,
                template,
                each,
                own={**own, "PORT": str(port)} if each is answering else own,
                port=port if each is answering else None,
            )
            for each in containers
        ),
        # With none at rest, the first request starts one.
        copies=max(1, *least),
        registrations=tuple(
            Registration(container=_name(answering), port=port, group=group)
            for group in groups_of(objects, name)
        ),
    )


def _run(objects: Objects, item: CloudObject) -> Run:
    outer = item.get("template")
    for field in ("taskCount", "parallelism"):
        if (outer.get(field) or 1) != 1:
            raise LiveError(f"{item.label}: {field} is {outer[field]}; only 1 runs here")
    template = outer["template"]
    retries = template.get("maxRetries")
    attempts = 1 + int(TASK_RETRIES if retries is None else retries)
    own = {
        "CLOUD_RUN_JOB": str(item.get("name")),
        "CLOUD_RUN_TASK_INDEX": "0",
        "CLOUD_RUN_TASK_COUNT": "1",
    }
    return Run(
        name=str(item.get("name")),
        processes=tuple(
            _process(objects, template, each, own=own, port=None) for each in template["containers"]
        ),
        seconds=attempts * seconds(template.get("timeout"), TASK_SECONDS),
        attempts=attempts,
    )


def _name(container: _Spec) -> str:
    # Where there is one alone, it needs no name.
    return str(container.get("name") or "container")


def _process(
    objects: Objects,
    template: _Spec,
    container: _Spec,
    *,
    own: Mapping[str, str],
    port: int | None,
) -> Process:
    """`own`: variables that Cloud Run adds. `port`: where the container takes requests."""
    kinds = {volume["name"]: _kind(volume) for volume in template.get("volumes") or ()}
    mounts: Sequence[Mapping[str, str]] = container.get("volumeMounts") or ()
    startup = probes.health(container.get("startupProbe"), port)
    if startup is None and port is not None and not container.get("startupProbe"):
        startup = Health(
            question=Connect(port=port),
            interval_seconds=DEFAULT_STARTUP_SECONDS,
            timeout_seconds=DEFAULT_STARTUP_SECONDS,
            retries=1,
            start_seconds=0,
        )
    return Process(
        name=_name(container),
        image=container["image"],
        command=(*(container.get("commands") or ()), *(container.get("args") or ())),
        environment={**_variables(objects, container), **own},
        working_directory=container.get("workingDir") or "",
        folders={mount["mountPath"]: mount["name"] for mount in mounts},
        ports=() if port is None else (port,),
        startup=startup,
        health=probes.health(container.get("livenessProbe"), port),
        stop_seconds=STOP_SECONDS,
        after=_after(template, container),
        refused=(
            *(
                f"volume {mount['name']} of kind {kinds.get(mount['name'])}"
                for mount in mounts
                if kinds.get(mount["name"]) != "emptyDir"
            ),
            *_unknown(container),
        ),
    )


def _variables(objects: Objects, container: _Spec) -> dict[str, str]:
    found = {}
    for entry in container.get("envs") or ():
        reference: _Spec | None = (entry.get("valueSource") or {}).get("secretKeyRef")
        if reference is None:
            found[entry["name"]] = str(entry.get("value") or "")
        else:
            version = str(reference.get("version") or secrets.LATEST)
            found[entry["name"]] = secrets.secret(objects, reference["secret"], version)
    return found


def _kind(volume: _Spec) -> str:
    return next((kind for kind, value in volume.items() if kind != "name" and value), "")


def _after(template: _Spec, container: _Spec) -> Mapping[str, Condition]:
    """Container, `dependsOn`: those that must have started, by their probe if they have one."""
    probed = {_name(each) for each in template["containers"] if each.get("startupProbe")}
    return {
        name: "healthy" if name in probed else "started"
        for name in container.get("dependsOns") or ()
    }


def _unknown(container: _Spec) -> Iterator[str]:
    for name in _PROBES:
        if (probe := container.get(name)) and probes.question(probe, PORT) is None:
            yield f"{name} other than tcpSocket or plain httpGet"
