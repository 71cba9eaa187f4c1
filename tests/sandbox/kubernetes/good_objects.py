"""Good objects without pods."""

from __future__ import annotations

from tests.sandbox.kubernetes.estate import good

good("core/v1:Namespace", {"metadata": {"name": "letta"}})
good("core/v1:ConfigMap", {"data": {"MODE": "fast"}}, "Namespace")
good("core/v1:Secret", {"stringData": {"token": "hidden-by-pulumi"}}, "Namespace")
good("core/v1:ServiceAccount", {"automountServiceAccountToken": False}, "Namespace")
good("scheduling.k8s.io/v1:PriorityClass", {"metadata": {"name": "letta"}, "value": 1000})
good(
    "storage.k8s.io/v1:StorageClass",
    {
        "metadata": {"name": "fast-ssd"},
        "provisioner": "ebs.csi.aws.com",
        "parameters": {"type": "gp3", "encrypted": "true", "throughput": "250"},
        "allowVolumeExpansion": True,
        "reclaimPolicy": "Retain",
        "volumeBindingMode": "WaitForFirstConsumer",
    },
)
good(
    "core/v1:PersistentVolumeClaim",
    {
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast-ssd",
            "resources": {"requests": {"storage": "20Gi"}},
        }
    },
    "Namespace",
    "StorageClass",
)
good(
    "core/v1:Service",
    {
        "spec": {
            "selector": {"app": "letta"},
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        }
    },
    "Namespace",
    "Deployment",
)
good(
    "networking.k8s.io/v1:Ingress",
    {
        "spec": {
            "rules": [
                {
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "service", "port": {"number": 80}}},
                            }
                        ]
                    }
                }
            ]
        }
    },
    "Service",
)
good(
    "networking.k8s.io/v1:NetworkPolicy",
    {"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}},
    "Namespace",
)
good(
    "policy/v1:PodDisruptionBudget",
    {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "letta"}}}},
    "Namespace",
)
good(
    "rbac.authorization.k8s.io/v1:Role",
    {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
    "Namespace",
)
good(
    "rbac.authorization.k8s.io/v1:RoleBinding",
    {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "role"},
        "subjects": [{"kind": "ServiceAccount", "name": "serviceaccount", "namespace": "letta"}],
    },
    "Role",
)
good(
    "rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    {
        "metadata": {"name": "letta"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "serviceaccount", "namespace": "letta"}],
    },
)
