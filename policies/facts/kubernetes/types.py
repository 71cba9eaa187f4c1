"""Type tokens of the resources that facts are read from."""

from __future__ import annotations

AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
CLOUD_NATIVE_PG = "kubernetes:postgresql.cnpg.io/v1:Cluster"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
CRON_JOB = "kubernetes:batch/v1:CronJob"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
DISRUPTION_BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"  # noqa: S105  (a type token)
GATEWAY = "kubernetes:gateway.networking.k8s.io/v1:Gateway"
HTTP_ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
JOB = "kubernetes:batch/v1:Job"
LEADER_WORKER_SET = "kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet"
NAMESPACE = "kubernetes:core/v1:Namespace"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
OBJECT_STORE = "kubernetes:barmancloud.cnpg.io/v1:ObjectStore"
POD = "kubernetes:core/v1:Pod"
RELEASE = "kubernetes:helm.sh/v3:Release"
REPLICA_SET = "kubernetes:apps/v1:ReplicaSet"
REPLICATION_CONTROLLER = "kubernetes:core/v1:ReplicationController"
SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
SCHEDULED_BACKUP = "kubernetes:postgresql.cnpg.io/v1:ScheduledBackup"
SECRET = "kubernetes:core/v1:Secret"  # noqa: S105  (a type token)
SECRET_STORE = "kubernetes:external-secrets.io/v1:SecretStore"  # noqa: S105  (a type token)
SERVICE = "kubernetes:core/v1:Service"
SERVICE_ACCOUNT = "kubernetes:core/v1:ServiceAccount"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
TARGET_GROUP_BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"

KNOWN = frozenset(
    {
        AUTOSCALER,
        CLAIM,
        CLOUD_NATIVE_PG,
        CONFIG_MAP,
        CRON_JOB,
        DAEMON_SET,
        DEPLOYMENT,
        DISRUPTION_BUDGET,
        EXTERNAL_SECRET,
        GATEWAY,
        HTTP_ROUTE,
        JOB,
        LEADER_WORKER_SET,
        NAMESPACE,
        NETWORK_POLICY,
        OBJECT_STORE,
        POD,
        RELEASE,
        REPLICA_SET,
        REPLICATION_CONTROLLER,
        SCALED_OBJECT,
        SCHEDULED_BACKUP,
        SECRET,
        SECRET_STORE,
        SERVICE,
        SERVICE_ACCOUNT,
        STATEFUL_SET,
        STORAGE_CLASS,
        TARGET_GROUP_BINDING,
    }
)
"""Kinds that a stack may hold: those that facts are read from, and those that neither run
anything, nor let anybody in, nor give rights."""
