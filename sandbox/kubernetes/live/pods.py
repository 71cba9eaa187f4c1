"""Reads what a Kubernetes cluster runs: Deployments and Jobs, and who sends requests to them.

Where a pod leaves something out, Kubernetes' own default holds (Kubernetes API reference, the type
that is named). What cannot be run here is noted on its process and refused when it is to start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.kubernetes.live import cluster_services
from sandbox.kubernetes.live.environment import Configuration, expanded
from sandbox.live.spec import (
    Command,
    Condition,
    Connect,
    Health,
    HttpGet,
    LiveError,
    Objects,
    Process,
    Question,
    Registration,
    Run,
    Service,
)

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
CRON_JOB = "kubernetes:batch/v1:CronJob"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
_PREFIX = "kubernetes:"
_OTHERS = ("StatefulSet", "DaemonSet", "LeaderWorkerSet", "Release", "Ingress")
"""Kinds that start pods or lead to them, and are not run."""

GRACE_SECONDS = 30
"""PodSpec, `terminationGracePeriodSeconds`."""
SURGE = "25%"
"""RollingUpdateDeployment, `maxSurge` and `maxUnavailable`."""
BACKOFF_LIMIT = 6
"""JobSpec, `backoffLimit`."""
JOB_SECONDS = 900
"""For a Job that sets itself no bound: the longest that is waited here."""

TOKEN = "token-of-the-live-sandbox"  # noqa: S105 - opens nothing
"""What stands for a token of a pod's account."""

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_Spec = Mapping[str, Any]


def services(objects: Objects) -> tuple[Service, ...]:
    """The Deployments of the stack, in the order of their creation."""
    return tuple(
        Service(
            name=str(item.get("metadata")["name"]),
            processes=_pod(objects, item, item.get("spec")),
            copies=_copies(objects, item),
            registrations=tuple(_registrations(objects, item)),
            host=_host(objects, item),
            **_rollout(objects, item),
        )
        for item in objects.all(DEPLOYMENT)
    )


def runs(objects: Objects) -> tuple[Run, ...]:
    """The Jobs of the stack, in their order. Raises LiveError for one of several pods."""
    return tuple(_run(objects, item) for item in objects.all(JOB))


def scheduled(objects: Objects) -> tuple[Run, ...]:
    """The CronJobs of the stack that are not suspended, each as one run."""
    return tuple(
        _run_of(objects, item, spec["jobTemplate"]["spec"])
        for item in objects.all(CRON_JOB)
        if not (spec := item.get("spec")).get("suspend")
    )


def not_run(objects: Objects) -> tuple[str, ...]:
    """What would start pods, or lead to them, and is left out."""
    return tuple(
        item.label
        for item in objects.everything
        if item.type.startswith(_PREFIX) and item.type.rpartition(":")[2] in _OTHERS
    )


def _run(objects: Objects, item: CloudObject) -> Run:
    return _run_of(objects, item, item.get("spec"))


def _run_of(objects: Objects, item: CloudObject, spec: _Spec) -> Run:
    for field in ("completions", "parallelism"):
        if spec.get(field, 1) != 1:
            raise LiveError(f"{item.label}: {field} is {spec[field]}; only 1 runs here")
    return Run(
        name=str(item.get("metadata")["name"]),
        processes=_pod(objects, item, spec),
        seconds=spec.get("activeDeadlineSeconds", JOB_SECONDS),
        attempts=spec.get("backoffLimit", BACKOFF_LIMIT) + 1,
    )


def _copies(objects: Objects, item: CloudObject) -> int:
    """As the Deployment says, within the bounds of its autoscaler."""
    copies = int(item.get("spec").get("replicas", 1))
    for scaler in objects.all(AUTOSCALER):
        spec: _Spec = scaler.get("spec")
        target: _Spec = spec["scaleTargetRef"]
        if (target["kind"], target["name"]) == ("Deployment", item.get("metadata")["name"]):
            copies = min(max(copies, spec.get("minReplicas", 1)), spec["maxReplicas"])
    return copies


def _rollout(objects: Objects, item: CloudObject) -> dict[str, int]:
    """How many copies there are during a deployment (RollingUpdateDeployment)."""
    strategy: _Spec = item.get("spec").get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return {"maximum_percent": 100, "minimum_percent": 0}
    rolling: _Spec = strategy.get("rollingUpdate") or {}
    copies = _copies(objects, item)
    return {
        "maximum_percent": 100 + _percent(rolling.get("maxSurge", SURGE), copies),
        "minimum_percent": 100 - _percent(rolling.get("maxUnavailable", SURGE), copies),
    }


def _percent(value: int | str, copies: int) -> int:
    """A share of the copies, given as such or as a number of them."""
    return int(value.removesuffix("%")) if isinstance(value, str) else 100 * value // max(copies, 1)


def _registrations(objects: Objects, item: CloudObject) -> Iterator[Registration]:
    """Where load balancers lead to a service that selects the Deployment's pods."""
    template: _Spec = item.get("spec")["template"]
    for entry in cluster_services.entries(objects):
        if cluster_services.selects(entry.service, template["metadata"]["labels"]):
            container, port = cluster_services.target(template, entry.service, entry.port)
            yield Registration(container=container, port=port, group=entry.group)


def _host(objects: Objects, item: CloudObject) -> str:
    """The name that leads to the Deployment's one pod. Where there may be two at once, no
    container here calls one by it."""
    spec: _Spec = item.get("spec")
    alone = (spec.get("strategy") or {}).get("type") == "Recreate" and _copies(objects, item) == 1
    labels: Mapping[str, str] = spec["template"]["metadata"]["labels"]
    namespace = item.get("metadata")["namespace"]
    return cluster_services.host_of(objects, namespace, labels) if alone else ""


def _pod(objects: Objects, item: CloudObject, workload: _Spec) -> tuple[Process, ...]:
    """The containers of a pod: those that prepare it, one after the other, then the others.

    `workload`: what holds the pod's template.
    """
    pod: _Spec = workload["template"]["spec"]
    configuration = Configuration(objects=objects, namespace=item.get("metadata")["namespace"])
    found: list[Process] = []
    after: dict[str, Condition] = {}
    for container in pod.get("initContainers") or ():
        found.append(_process(configuration, pod, container, after=dict(after)))
        lasting = container.get("restartPolicy") == "Always"
        began: Condition = "healthy" if "startupProbe" in container else "started"
        after[container["name"]] = began if lasting else "succeeded"
    found += [_process(configuration, pod, each, after=after) for each in pod["containers"]]
    return tuple(found)


def _process(
    configuration: Configuration,
    pod: _Spec,
    container: _Spec,
    *,
    after: Mapping[str, Condition],
) -> Process:
    environment = configuration.environment(container)
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    grace = pod.get("terminationGracePeriodSeconds", GRACE_SECONDS)
    hook: _Spec = (container.get("lifecycle") or {}).get("preStop") or {}
    sleep = hook.get("sleep", {}).get("seconds", 0)
    return Process(
        name=container["name"],
        image=container["image"],
        # Without a command these are arguments of the image's own.
        command=tuple(expanded(word, environment) for word in words),
        environment=environment,
        working_directory=container.get("workingDir", ""),
        folders={
            mount["mountPath"]: mount["name"] for mount in container.get("volumeMounts") or ()
        },
        ports=tuple(port["containerPort"] for port in container.get("ports") or ()),
        files={
            f"{mount['mountPath']}/{path}": TOKEN
            for mount in container.get("volumeMounts") or ()
            for volume, path in _tokens(pod).items()
            if volume == mount["name"]
        },
        health=_health(container, "livenessProbe"),
        startup=_health(container, "startupProbe"),
        readiness=_health(container, "readinessProbe"),
        # The grace begins with the hook (Pod lifecycle, "Termination of Pods").
        stop_seconds=max(grace - sleep, 0),
        pre_stop_seconds=sleep,
        after=after,
        refused=(
            *_refused(pod, container, hook),
            *configuration.unknown(container),
            *(
                f"{name} other than exec, tcpSocket or plain httpGet"
                for name in _unknown(container)
            ),
        ),
    )


def _refused(pod: _Spec, container: _Spec, hook: _Spec) -> Iterator[str]:
    kinds = {
        volume["name"]: kind
        for volume in pod.get("volumes") or ()
        for kind in volume
        if kind != "name"
    }
    tokens = _tokens(pod)
    for mount in container.get("volumeMounts") or ():
        if kinds.get(mount["name"]) != "emptyDir" and mount["name"] not in tokens:
            yield f"volume {mount['name']} of kind {kinds.get(mount['name'])}"
        if mount.get("subPath"):
            yield f"volume {mount['name']} with subPath"
    for kind in hook:
        if kind != "sleep":
            yield f"preStop of kind {kind}"


def _tokens(pod: _Spec) -> Mapping[str, str]:
    """Volume that holds a token of the pod's account, and nothing else -> the token's file."""
    found = {}
    for volume in pod.get("volumes") or ():
        sources: Sequence[_Spec] = (volume.get("projected") or {}).get("sources") or ()
        if [list(each) for each in sources] == [["serviceAccountToken"]]:
            found[volume["name"]] = sources[0]["serviceAccountToken"]["path"]
    return found


def _health(container: _Spec, name: str) -> Health | None:
    """Defaults: Probe."""
    probe: _Spec | None = container.get(name)
    if probe is None or not _is_known(probe):
        return None
    return Health(
        question=_question(container, probe),
        interval_seconds=probe.get("periodSeconds", 10),
        timeout_seconds=probe.get("timeoutSeconds", 1),
        retries=probe.get("failureThreshold", 3),
        start_seconds=probe.get("initialDelaySeconds", 0),
    )


def _unknown(container: _Spec) -> tuple[str, ...]:
    """The probes that cannot be asked here."""
    return tuple(name for name in _PROBES if name in container and not _is_known(container[name]))


def _is_known(probe: _Spec) -> bool:
    action: _Spec | None = probe.get("httpGet")
    if action is None:
        return "exec" in probe or "tcpSocket" in probe
    return action.get("scheme", "HTTP") == "HTTP" and not action.get("httpHeaders")


def _question(container: _Spec, probe: _Spec) -> Question:
    if "exec" in probe:
        return Command(words=tuple(probe["exec"]["command"]))
    if "tcpSocket" in probe:
        return Connect(port=_port(container, probe["tcpSocket"]["port"]))
    action: _Spec = probe["httpGet"]
    return HttpGet(port=_port(container, action["port"]), path=action.get("path", "/"))


def _port(container: _Spec, wanted: int | str) -> int:
    """A port by its number or name."""
    if isinstance(wanted, int):
        return wanted
    ports: Sequence[_Spec] = container.get("ports") or ()
    for port in ports:
        if port.get("name") == wanted:
            return int(port["containerPort"])
    raise LiveError(f"container {container['name']} has no port called {wanted}")
