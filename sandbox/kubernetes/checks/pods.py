"""Pod templates, as far as the API server checks them beyond their schema."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.cloud import UnknownValueError
from sandbox.errors import Problem
from sandbox.kubernetes import metadata, schemas, validation, workloads
from sandbox.kubernetes.reading import get, items, known, mapping, quantity

_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PORT_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_PORT_NAME_LENGTH: Final = 15
_LABEL_LENGTH: Final = 63
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS: Final = frozenset({"exec", "grpc", "httpGet", "tcpSocket"})
_WHOLE: Final = "nvidia.com/gpu"


def template(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """The pod templates of an object."""
    for pods in workloads.of_object(object_):
        for problem in _of_pods(pods):
            at = f"{pods.place}." if pods.place else ""
            yield Problem(at.partition(".")[0] or "spec", f"{at}{problem}")


def _of_pods(pods: workloads.Pods) -> Iterator[str]:
    spec = mapping(pods.template, "spec")
    for problem in metadata.label_problems("metadata.labels", pods.labels):
        yield problem.reason
    policy = get(spec, "restartPolicy") or "Always"
    if pods.run_once and policy == "Always":
        yield "spec.restartPolicy: a job's pods end: use OnFailure or Never"
    if not pods.run_once and pods.place and policy != "Always":
        yield f"spec.restartPolicy: {policy!r} is not allowed here, use Always"
    containers = [
        (f"spec.{kind}[{index}]", container)
        for kind in ("initContainers", "containers")
        for index, container in enumerate(items(spec, kind))
    ]
    if not items(spec, "containers"):
        yield "spec.containers: at least one is needed"
    names = Counter(get(container, "name") for _, container in containers)
    for name in (name for name, count in names.items() if count > 1):
        yield f"spec.containers: the name {name!r} is given to {names[name]} containers"
    volumes = [get(volume, "name") for volume in items(spec, "volumes")] + list(pods.claims)
    for place, container in containers:
        try:
            yield from _of_container(place, container, volumes)
        except UnknownValueError:
            continue


def _of_container(place: str, container: Mapping[str, Any], volumes: list[str]) -> Iterator[str]:
    name = get(container, "name")
    if not _LABEL.fullmatch(name) or len(name) > _LABEL_LENGTH:
        yield (
            f"{place}.name: {name!r} is not allowed: use at most {_LABEL_LENGTH} lower-case "
            "letters, digits and hyphens"
        )
    if not container.get("image"):
        yield f"{place}.image: it is required and missing"
    mounted = []
    for index, mount in enumerate(items(container, "volumeMounts")):
        volume = get(mount, "name")
        mounted.append(get(mount, "mountPath"))
        if volume not in volumes:
            known_volumes = ", ".join(volumes) or "none"
            yield (
                f"{place}.volumeMounts[{index}].name: there is no volume {volume!r}; there are "
                f"{known_volumes}"
            )
    for path, count in Counter(mounted).items():
        if count > 1:
            yield f"{place}.volumeMounts: {path!r} must be unique"
    for variable, count in Counter(get(one, "name") for one in items(container, "env")).items():
        if count > 1:
            yield f"{place}.env: {variable!r} is set {count} times"
    for index, entry in enumerate(items(container, "env")):
        if entry.get("value") is not None and entry.get("valueFrom") is not None:
            yield f"{place}.env[{index}]: give value or valueFrom, not both"
    yield from _ports(place, container)
    yield from _resources(place, container)
    for probe in _PROBES:
        yield from _probe(f"{place}.{probe}", container.get(probe))


def _ports(place: str, container: Mapping[str, Any]) -> Iterator[str]:
    for index, port in enumerate(items(container, "ports")):
        name, number = get(port, "name"), get(port, "containerPort")
        if not 1 <= number <= 65535:
            yield f"{place}.ports[{index}].containerPort: {number} is not in 1 to 65535"
        if name is not None and (
            len(name) > _PORT_NAME_LENGTH
            or not _PORT_NAME.fullmatch(name)
            or not any(letter.isalpha() for letter in name)
        ):
            yield (
                f"{place}.ports[{index}].name: {name!r} is not allowed: use at most "
                f"{_PORT_NAME_LENGTH} lower-case letters, digits and hyphens, one a letter"
            )


def _resources(place: str, container: Mapping[str, Any]) -> Iterator[str]:
    amounts: dict[str, dict[str, Any]] = {"limits": {}, "requests": {}}
    for kind, found in amounts.items():
        for name, value in mapping(container, f"resources.{kind}").items():
            if not known(value):
                continue
            try:
                found[name] = quantity(value)
            except ValueError as error:
                yield f"{place}.resources.{kind}.{name}: {error}"
    for name, request in amounts["requests"].items():
        limit = amounts["limits"].get(name)
        if limit is not None and request > limit:
            yield (
                f"{place}.resources.requests.{name}: must be less than or equal to the limit: "
                f"{mapping(container, 'resources.requests')[name]} is more than "
                f"{mapping(container, 'resources.limits')[name]}"
            )
        if name == _WHOLE and limit != request:
            yield f"{place}.resources.requests.{name}: must equal the limit"
    gpus = amounts["limits"].get(_WHOLE)
    if gpus is not None and gpus % 1:
        yield f"{place}.resources.limits.{_WHOLE}: {gpus} is no whole number"


def _probe(place: str, probe: Mapping[str, Any] | None) -> Iterator[str]:
    if probe is None:
        return
    handlers = _HANDLERS & probe.keys()
    if len(handlers) != 1:
        yield f"{place}: give one of {', '.join(sorted(_HANDLERS))}"
    least = {
        "failureThreshold": 1,
        "initialDelaySeconds": 0,
        "periodSeconds": 1,
        "timeoutSeconds": 1,
    }
    for name, minimum in least.items():
        value = get(probe, name)
        if value is not None and value < minimum:
            yield f"{place}.{name}: {value} must be {minimum} or more"
    if not place.endswith("readinessProbe") and get(probe, "successThreshold") not in (None, 1):
        yield f"{place}.successThreshold: must be 1"


def selector(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """A workload's selector must pick its own pods."""
    labels = mapping(object_, "spec.template.metadata.labels")
    wanted = mapping(object_, "spec.selector.matchLabels")
    if not wanted and not items(object_, "spec.selector.matchExpressions"):
        yield Problem("spec", "spec.selector: an empty selector picks every pod: give labels")
    for key, value in wanted.items():
        if known(value) and known(labels.get(key)) and labels.get(key) != value:
            yield Problem(
                "spec",
                f"spec.selector.matchLabels: {key}={value} does not pick the pods of the template, "
                f"which have {key}={labels.get(key)}",
            )


def template_schema(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """Templates inside a custom resource, held against the strict schema of pod templates."""
    for pods in workloads.of_object(object_):
        place = tuple(pods.place.split("."))
        found = [(schemas.VERSION, schemas.pod_template())]
        yield from validation.by_schemas(pods.template, found, place)


def budget(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """A budget says what must stay or what may go."""
    spec = mapping(object_, "spec")
    if (spec.get("minAvailable") is None) == (spec.get("maxUnavailable") is None):
        yield Problem("spec", "spec: give minAvailable or maxUnavailable, and only one of them")
