"""Queue scaling: how the copies of a language model follow what waits for them.

Prometheus reads the metrics of engines and router, KEDA asks Prometheus, and moves the copies
between their bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes import apiextensions, helm

from components.args import VllmArgs
from components.workloads import charts, network_policies
from components.workloads.cluster import BASE_POOL, NAMESPACE, POOL_LABEL, Cluster, address
from components.workloads.disks import METRICS_VOLUME_GIB
from components.workloads.helm import release
from components.workloads.labels import metadata
from components.workloads.storage import claim

API_VERSION = "keda.sh/v1alpha1"
KIND = "ScaledObject"
SCRAPE_SECONDS = 15
"""Interval at which metrics are read, and asked for."""
RECENT = "5m"
"""A request this long ago still keeps a copy: many readings, so that none is missed."""
IDLE_SECONDS = 900
"""How long the last copy stays without a request, and how long a higher number of copies stays
after the load has gone: a copy that is missed again takes many minutes to start."""
STEP_SECONDS = 300
"""One copy comes or goes in this time: most bursts are over before a machine has started."""
FULL_SHARE = 0.8
"""Of an engine's KV cache: above it there is room for few requests more, and below it together
for one copy less."""
FAILED_READINGS = 4
"""After so many, the number of copies stays where it is, or rises to one."""
RETENTION = "24h"
RETENTION_SIZE = "10GB"

_PROMETHEUS = "metrics"
"""What the chart's server is called; the chart's own word for it, `server`, is here the label of
the application's pods."""
_PROMETHEUS_SERVICE = f"{charts.PROMETHEUS.name}-{_PROMETHEUS}"
_PROMETHEUS_PORT = 9090
_PROMETHEUS_PODS = {
    "app.kubernetes.io/name": charts.PROMETHEUS.name,
    "app.kubernetes.io/component": _PROMETHEUS,
}
_KEDA_NAMESPACE = "keda"
_KEDA_PODS = {"app.kubernetes.io/name": "keda-operator"}
_USER_ID = 65534
_ENGINES = "engines"
_ROUTERS = "routers"


@dataclass(frozen=True, kw_only=True)
class Target:
    """What has copies, and how Kubernetes addresses it."""

    api_version: str
    kind: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Source:
    """Pods with metrics."""

    service: str
    """Name of the headless Service that stands for them."""
    port: int


SCRAPERS = network_policies.pods_elsewhere(NAMESPACE, _PROMETHEUS_PODS)
"""Who reads the metrics of a pod."""


def metrics_server(
    parent: pulumi.Resource,
    name: str,
    engines: Source,
    routers: Source,
    cluster: Cluster,
) -> helm.v3.Release:
    """One Prometheus, for scaling alone: it finds its sources by DNS and has no rights in the
    cluster."""
    child = pulumi.ResourceOptions(depends_on=cluster.ready)
    policies = network_policies
    access = policies.network_policy(
        parent,
        name,
        "base",
        instance=charts.PROMETHEUS.name,
        ingress=[
            policies.allow_from(
                policies.pods_elsewhere(_KEDA_NAMESPACE, _KEDA_PODS), _PROMETHEUS_PORT
            )
        ],
        egress=[
            policies.allow_to(policies.pods("llm-engine"), engines.port),
            policies.allow_to(policies.pods("llm"), routers.port),
        ],
        opts=child,
    )
    volume = claim(parent, name, "logs", METRICS_VOLUME_GIB, component="base", opts=child)
    return release(
        parent,
        name,
        charts.PROMETHEUS,
        _values(name, {_ENGINES: engines, _ROUTERS: routers}),
        namespace=NAMESPACE,
        opts=pulumi.ResourceOptions.merge(
            child, pulumi.ResourceOptions(depends_on=[access, volume])
        ),
    )


def scaled_object(
    parent: pulumi.Resource,
    name: str,
    target: Target,
    args: VllmArgs,
    model: str,
    *,
    requests: str,
    opts: pulumi.ResourceOptions,
) -> apiextensions.CustomResource:
    """Move the copies of `target` between the bounds of `args`.

    `model`: the name that the engines' metrics bear. `requests`: what the router's requests in
    all are called in its metrics.
    """
    return apiextensions.CustomResource(
        name,
        api_version=API_VERSION,
        kind=KIND,
        metadata=metadata(name, "llm-engine", instance=target.name),
        spec={
            "scaleTargetRef": {
                "apiVersion": target.api_version,
                "kind": target.kind,
                "name": target.name,
            },
            "minReplicaCount": args.min_replicas,
            "maxReplicaCount": args.max_replicas,
            "pollingInterval": SCRAPE_SECONDS,
            "cooldownPeriod": IDLE_SECONDS,
            "fallback": {
                "failureThreshold": FAILED_READINGS,
                "replicas": max(1, args.min_replicas),
                "behavior": "currentReplicasIfHigher",
            },
            "advanced": {
                "horizontalPodAutoscalerConfig": {
                    "name": name,
                    "behavior": {
                        "scaleUp": _one_by_one(0),
                        "scaleDown": _one_by_one(IDLE_SECONDS),
                    },
                }
            },
            "triggers": [
                _trigger(
                    "waiting",
                    f'sum(vllm:num_requests_waiting{{model_name="{model}"}}) or vector(0)',
                    args.waiting_per_replica,
                ),
                _trigger(
                    "memory",
                    f'sum(vllm:kv_cache_usage_perc{{model_name="{model}"}}) or vector(0)',
                    FULL_SHARE,
                ),
                *([_wake(requests)] if args.min_replicas == 0 else []),
            ],
        },
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )


def _wake(requests: str) -> Mapping[str, Any]:
    """The first copy: wanted as long as requests come, whether or not there is an engine."""
    return _trigger(
        "requests", f"clamp_max(sum(increase({requests}[{RECENT}])), 1) or vector(0)", 1
    )


def _trigger(name: str, query: str, per_copy: float) -> Mapping[str, Any]:
    """A metric of which each copy is to have so much. Any of it at all wants a copy."""
    return {
        "type": "prometheus",
        "name": name,
        "metricType": "AverageValue",
        "metadata": {
            "serverAddress": address(_PROMETHEUS_SERVICE, 80),
            "query": query,
            "threshold": f"{per_copy:g}",
            "activationThreshold": "0",
            # No answer is a failure, not a zero.
            "ignoreNullValues": "false",
        },
    }


def _one_by_one(window_seconds: int) -> Mapping[str, Any]:
    return {
        "stabilizationWindowSeconds": window_seconds,
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": STEP_SECONDS}],
    }


def _values(volume: str, sources: Mapping[str, Source]) -> Mapping[str, Any]:
    secure = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    return {
        "rbac": {"create": False},
        "serviceAccounts": {"server": {"create": True, "automountServiceAccountToken": False}},
        "server": {
            "name": _PROMETHEUS,
            "enableServiceLinks": False,
            "global": {
                "scrape_interval": f"{SCRAPE_SECONDS}s",
                "scrape_timeout": "10s",
                "evaluation_interval": "1m",
            },
            "nodeSelector": {POOL_LABEL: BASE_POOL},
            "persistentVolume": {"enabled": True, "existingClaim": volume},
            "retention": RETENTION,
            "retentionSize": RETENTION_SIZE,
            "resources": _resources("250m", "512Mi", "1"),
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": _USER_ID,
                "runAsGroup": _USER_ID,
                "fsGroup": _USER_ID,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containerSecurityContext": secure,
        },
        "configmapReload": {
            "prometheus": {
                "containerSecurityContext": secure,
                "resources": _resources("10m", "64Mi", "100m"),
            }
        },
        "scrapeConfigs": {
            **{job: {"enabled": False} for job in _UNUSED_JOBS},
            **{job: _scrape(source) for job, source in sources.items()},
        },
        **{chart: {"enabled": False} for chart in _UNUSED_CHARTS},
    }


_UNUSED_JOBS: Sequence[str] = (
    "prometheus",
    "kubernetes-api-servers",
    "kubernetes-nodes",
    "kubernetes-nodes-cadvisor",
    "kubernetes-service-endpoints",
    "kubernetes-service-endpoints-slow",
    "prometheus-pushgateway",
    "kubernetes-services",
    "kubernetes-pods",
    "kubernetes-pods-slow",
)
"""What the chart reads by default; it would need rights in the whole cluster."""
_UNUSED_CHARTS: Sequence[str] = (
    "alertmanager",
    "kube-state-metrics",
    "prometheus-node-exporter",
    "prometheus-pushgateway",
)


def _scrape(source: Source) -> Mapping[str, Any]:
    return {
        "dns_sd_configs": [
            {
                "names": [f"{source.service}.{NAMESPACE}.svc.cluster.local"],
                "type": "A",
                "port": source.port,
                "refresh_interval": f"{SCRAPE_SECONDS}s",
            }
        ]
    }


def _resources(cpu: str, memory: str, most_cpu: str) -> Mapping[str, Any]:
    return {
        "requests": {"cpu": cpu, "memory": memory},
        "limits": {"cpu": most_cpu, "memory": memory},
    }
