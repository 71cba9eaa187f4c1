"""Good custom resources, each with the release that brings its definition."""

from __future__ import annotations

from tests.sandbox.kubernetes.estate import TARGET_GROUP, good
from tests.sandbox.kubernetes.good_workloads import NEEDS, template, with_mount

_STORE = {"spec": {"provider": {"aws": {"service": "SecretsManager", "region": "us-east-1"}}}}

good("external-secrets.io/v1:SecretStore", _STORE, "Namespace", "external-secrets")
good(
    "external-secrets.io/v1:ClusterSecretStore",
    {"metadata": {"name": "everywhere"}, **_STORE},
    "external-secrets",
)
good(
    "external-secrets.io/v1:ExternalSecret",
    {
        "spec": {
            "secretStoreRef": {"kind": "SecretStore", "name": "secretstore"},
            "refreshInterval": "1h",
            "target": {"name": "fetched", "creationPolicy": "Owner"},
            "data": [{"secretKey": "token", "remoteRef": {"key": "letta"}}],
        }
    },
    "SecretStore",
)
good(
    "elbv2.k8s.aws/v1beta1:TargetGroupBinding",
    {
        "spec": {
            "targetGroupARN": TARGET_GROUP,
            "targetType": "ip",
            "serviceRef": {"name": "service", "port": 80},
        }
    },
    "Service",
    "aws-load-balancer-controller",
)
good(
    "keda.sh/v1alpha1:TriggerAuthentication",
    {"spec": {"secretTargetRef": [{"parameter": "token", "name": "secret", "key": "token"}]}},
    "Secret",
    "keda",
)
good(
    "keda.sh/v1alpha1:ScaledObject",
    {
        "spec": {
            "scaleTargetRef": {"name": "deployment"},
            "minReplicaCount": 0,
            "maxReplicaCount": 4,
            "triggers": [
                {
                    "type": "prometheus",
                    "metadata": {
                        "serverAddress": "http://prometheus-server.monitoring",
                        "query": "sum(waiting)",
                        "threshold": "5",
                    },
                    "authenticationRef": {"name": "triggerauthentication"},
                }
            ],
        }
    },
    "Deployment",
    "TriggerAuthentication",
)
good(
    "keda.sh/v1alpha1:ScaledJob",
    {
        "spec": {
            "jobTargetRef": {"template": template(restartPolicy="Never")},
            "triggers": [{"type": "cron", "metadata": {"start": "0 6 * * *"}}],
        }
    },
    "keda",
    *NEEDS,
)
good(
    "leaderworkerset.x-k8s.io/v1:LeaderWorkerSet",
    {
        "spec": {
            "replicas": 1,
            "leaderWorkerTemplate": {
                "size": 2,
                "leaderTemplate": with_mount(template(), "models"),
                "workerTemplate": with_mount(template(), "models"),
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
            },
        }
    },
    "lws",
    *NEEDS,
)
