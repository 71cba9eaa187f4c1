"""The containers of a pod: what they run, what they are given, what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from policies.facts.kubernetes import quantities
from policies.facts.kubernetes.workloads import Template
from policies.facts.model import Container, PodContainer, Probe
from policies.facts.resource import Node
from policies.facts.unknown import derived, together

GPU = "nvidia.com/gpu"
"""Name of the resource that a container asks GPUs by (NVIDIA device plugin)."""

# Defaults of the API reference ("Container", "Probe", "PodSpec").
_GRACE_SECONDS = 30
_PERIOD_SECONDS = 10
_FAILURES = 3
_PROBES: tuple[tuple[Literal["startup", "readiness", "liveness"], str], ...] = (
    ("startup", "startupProbe"),
    ("readiness", "readinessProbe"),
    ("liveness", "livenessProbe"),
)
_PROFILES = ("RuntimeDefault", "Localhost")


def containers(template: Template, *, init: bool = False) -> tuple[PodContainer, ...]:
    """The containers of a pod, or those that start before the others: some end, some stay."""
    return derived(
        lambda nodes: tuple(_container(template, node, init=init) for node in nodes),
        template.spec.nodes("initContainers" if init else "containers"),
    )


def _container(template: Template, node: Node, *, init: bool) -> PodContainer:
    resources = node.node("resources")
    # What is not set aside on its own is what the limit says.
    limits = resources.node("limits")
    requests = resources.node("requests")

    def request(key: str) -> Node:
        return requests if requests.child(key).given("") else limits

    return PodContainer(
        name=template.resource.name,
        urn=template.resource.urn,
        container=_running(template, node),
        first=init,
        stays=derived(lambda policy: not init or policy == "Always", node.text("restartPolicy")),
        request_vcpus=quantities.vcpus(request("cpu"), "cpu"),
        request_mib=quantities.mib(request("memory"), "memory"),
        limit_vcpus=quantities.vcpus(limits, "cpu"),
        limit_mib=quantities.mib(limits, "memory"),
        gpus=quantities.count(limits, GPU),
        liberties=derived(lambda: tuple(_liberties(template.spec, node))),
    )


def _running(template: Template, node: Node) -> Container:
    listed = not node.given("envFrom")
    return Container(
        name=template.resource.name,
        urn=template.resource.urn,
        container=node.text("name"),
        image=node.text("image"),
        arguments=derived(lambda: (*node.texts("command"), *node.texts("args"))),
        environment=derived(
            lambda entries: {
                entry.text("name"): entry.text("value")
                for entry in entries
                if not entry.given("valueFrom")
            },
            node.nodes("env"),
        )
        if listed
        else _unlisted(node),
        references=derived(
            lambda *found: tuple(entry.text("name") for entries in found for entry in entries),
            from_secrets(node),
            _from(node, "configMapKeyRef"),
        )
        if listed
        else _unlisted(node),
        stop_timeout_seconds=template.spec.integer("terminationGracePeriodSeconds", _GRACE_SECONDS),
        host_ports=derived(
            lambda ports: together(
                port.integer("hostPort") for port in ports if port.given("hostPort")
            ),
            node.nodes("ports"),
        ),
        health_command=node.texts("livenessProbe.exec.command"),
        probes=tuple(_probe(kind, node.node(key)) for kind, key in _PROBES if node.given(key)),
    )


def _unlisted(node: Node) -> Any:  # noqa: ANN401  (stands for any type)
    return node.unreadable("envFrom", "list of variables; list them one by one")


def from_secrets(node: Node) -> tuple[Node, ...]:
    """The variables that a container takes from secrets of the cluster."""
    return _from(node, "secretKeyRef")


def _from(node: Node, source: str) -> tuple[Node, ...]:
    return derived(
        lambda entries: tuple(one for one in entries if one.given(f"valueFrom.{source}")),
        node.nodes("env"),
    )


def _probe(kind: Literal["startup", "readiness", "liveness"], node: Node) -> Probe:
    return Probe(
        kind=kind,
        path=node.text("httpGet.path", "/") if node.given("httpGet") else "",
        seconds=derived(
            lambda delay, period, failures: delay + period * failures,
            node.integer("initialDelaySeconds"),
            node.integer("periodSeconds", _PERIOD_SECONDS),
            node.integer("failureThreshold", _FAILURES),
        ),
    )


def _liberties(spec: Node, node: Node) -> Iterator[str]:
    """What the container may do, by its own security context and by that of its pod."""
    own, pod = node.node("securityContext"), spec.node("securityContext")

    def effective(key: str) -> Node:
        return own if own.given(key) else pod

    if not effective("runAsNonRoot").flag("runAsNonRoot") or not effective("runAsUser").integer(
        "runAsUser", 1
    ):
        yield "run as root"
    if not own.flag("readOnlyRootFilesystem"):
        yield "write its root file system"
    if own.flag("allowPrivilegeEscalation", default=True):
        yield "gain rights while it runs"
    if own.flag("privileged"):
        yield "do on the machine what root may"
    if "ALL" not in own.texts("capabilities.drop"):
        yield "keep capabilities of root"
    added = own.texts("capabilities.add")
    if added:
        yield f"use the capabilities {', '.join(added)}"
    if effective("seccompProfile").text("seccompProfile.type") not in _PROFILES:
        yield "make any system call"
