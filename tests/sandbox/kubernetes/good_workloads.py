"""Good objects that make pods, and those that count them."""

from __future__ import annotations

from typing import Any

from sandbox.values import Value
from tests.sandbox.kubernetes.estate import good

LABELS = {"app": "letta"}


def template(**more: Value) -> dict[str, Any]:
    """A pod template with everything that a pod may name."""
    container = {
        "name": "letta",
        "image": "letta/letta:0.16.4",
        "envFrom": [{"configMapRef": {"name": "configmap"}}],
        "env": [
            {
                "name": "TOKEN",
                "valueFrom": {"secretKeyRef": {"name": "secret", "key": "token"}},
            }
        ],
        "ports": [{"name": "http", "containerPort": 8283}],
        "resources": {
            "requests": {"cpu": "500m", "memory": "1Gi"},
            "limits": {"cpu": "2", "memory": "4Gi"},
        },
        "startupProbe": {
            "httpGet": {"path": "/v1/health/", "port": "http"},
            "failureThreshold": 30,
        },
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "persistentvolumeclaim"}}
    return {
        "metadata": {"labels": dict(LABELS)},
        "spec": {
            "serviceAccountName": "serviceaccount",
            "priorityClassName": "letta",
            "nodeSelector": {"letta.cloud/pool": "api"},
            "containers": [container],
            "volumes": [claim],
            **more,
        },
    }


def with_mount(pod: dict[str, Any], volume: str) -> dict[str, Any]:
    """The template with a volume that a claim template gives."""
    mount = {"name": volume, "mountPath": f"/{volume}"}
    pod["spec"]["containers"][0]["volumeMounts"].append(mount)
    return pod


NEEDS = ("ServiceAccount", "PriorityClass", "ConfigMap", "Secret", "PersistentVolumeClaim")
SELECTED = {"selector": {"matchLabels": LABELS}, "template": template()}

good("apps/v1:Deployment", {"spec": {"replicas": 2, **SELECTED}}, *NEEDS)
good("apps/v1:ReplicaSet", {"spec": SELECTED}, *NEEDS)
good("apps/v1:DaemonSet", {"spec": SELECTED}, *NEEDS)
good(
    "apps/v1:StatefulSet",
    {
        "spec": {
            "serviceName": "letta",
            "selector": SELECTED["selector"],
            "template": with_mount(template(), "models"),
            "replicas": 2,
            "volumeClaimTemplates": [
                {
                    "metadata": {"name": "models"},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "storageClassName": "fast-ssd",
                        "resources": {"requests": {"storage": "20Gi"}},
                    },
                }
            ],
        }
    },
    *NEEDS,
)
good("batch/v1:Job", {"spec": {"template": template(restartPolicy="Never")}}, *NEEDS)
good(
    "batch/v1:CronJob",
    {
        "spec": {
            "schedule": "0 3 * * *",
            "jobTemplate": {"spec": {"template": template(restartPolicy="OnFailure")}},
        }
    },
    *NEEDS,
)
good("core/v1:Pod", {"spec": template()["spec"]}, *NEEDS)
good(
    "autoscaling/v2:HorizontalPodAutoscaler",
    {
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "deployment"},
            "minReplicas": 2,
            "maxReplicas": 10,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": "cpu",
                        "target": {"type": "Utilization", "averageUtilization": 65},
                    },
                }
            ],
        }
    },
    "Deployment",
)
