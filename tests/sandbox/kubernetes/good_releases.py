"""A good release of every chart."""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes import charts
from tests.sandbox.kubernetes.estate import GOOD, Good

_VALUES: dict[str, dict[str, Any]] = {
    "aws-load-balancer-controller": {"clusterName": "large", "replicaCount": 2},
    "cluster-autoscaler": {"autoDiscovery": {"clusterName": "large"}, "awsRegion": "us-east-1"},
    "external-secrets": {"replicaCount": 2, "serviceAccount": {"name": "external-secrets"}},
    "keda": {"operator": {"replicaCount": 2}},
    "oci://registry.k8s.io/lws/charts/lws": {"replicaCount": 2},
    "nvidia-device-plugin": {"gfd": {"enabled": True}},
    "prometheus": {"server": {"retention": "6h"}, "alertmanager": {"enabled": False}},
}

for name, chart in charts.known().items():
    short = name.rpartition("/")[2]
    where = {"repositoryOpts": {"repo": chart.repository}} if chart.repository else {}
    GOOD[short] = Good(
        token="helm.sh/v3:Release",
        inputs={
            "chart": name,
            "version": chart.versions[0],
            "name": short,
            "namespace": "kube-system",
            "values": _VALUES[name],
            **where,
        },
    )
