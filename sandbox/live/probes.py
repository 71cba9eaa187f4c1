"""Probes in the form that Kubernetes gave them, and that other services of clouds took over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.live.load_balancer_spec import HealthCheck
from sandbox.live.spec import Connect, Health, HttpGet, Question

_Spec = Mapping[str, Any]


def health(probe: _Spec | None, port: int | None) -> Health | None:
    """A probe, which asks at the port unless told otherwise; None for none, and for one that
    cannot be asked here. Defaults: Kubernetes API reference, Probe."""
    if not probe or (asked := question(probe, port)) is None:
        return None
    return Health(
        question=asked,
        interval_seconds=probe.get("periodSeconds") or 10,
        timeout_seconds=probe.get("timeoutSeconds") or 1,
        retries=int(probe.get("failureThreshold") or 3),
        start_seconds=probe.get("initialDelaySeconds") or 0,
    )


def question(probe: _Spec, port: int | None) -> Question | None:
    """What is asked; None for what cannot be asked here."""
    if get := probe.get("httpGet"):
        asked = get.get("port") or port
        if asked is None or get.get("httpHeaders") or get.get("scheme", "HTTP").upper() != "HTTP":
            return None
        return HttpGet(port=int(asked), path=get.get("path") or "/")
    connect: _Spec | None = probe.get("tcpSocket")
    if connect is None or (asked := connect.get("port") or port) is None:
        return None
    return Connect(port=int(asked))


def of_balancer(health: Health | None) -> HealthCheck | None:
    """How a way in asks that sends requests to whoever is ready; None where readiness is no
    request: then it asks nobody."""
    if health is None or not isinstance(health.question, HttpGet):
        return None
    return HealthCheck(
        path=health.question.path,
        statuses=frozenset(range(200, 400)),
        interval_seconds=health.interval_seconds,
        timeout_seconds=health.timeout_seconds,
        healthy_threshold=1,
        unhealthy_threshold=health.retries,
    )
