"""Stacks on Alibaba Cloud, and their bad configurations."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from tests.policies.case import Case
from tests.policies.changes import Added, Edit, Gone, Put, Resources, Where
from tests.policies.mutants import mutant
from tests.policies.mutants_any_cluster import ANY_CLUSTER
from tests.policies.mutants_models import argument
from tests.policies.mutants_pods import environment

PRIMARY = Where("rds/instance:Instance", "-primary")
REPLICA = Where("ReadOnlyInstance", "-replica-1")
BACKUPS = Where("BackupPolicy")
BUCKET = Where("oss/bucket:Bucket")
CACHE = Where("kvstore/instance:Instance")
PLANE = Where("ManagedKubernetes")
API_POOL = Where("NodePool", "-api")
WORK_POOL = Where("NodePool", "-work")
EMBED_POOL = Where("NodePool", "-gn6i-c4g1-xlarge")
BALANCER = Where("LoadBalancer", "-in")
HTTPS, HTTP = Where("Listener", "-https"), Where("Listener", "-http")
GROUP = Where("ServerGroup", "-api")
STORE = Where("log/store:Store", "-servers")
API = Where("Deployment", "-api")
DUMP = Where("CronJob", "-dump")
MISSING = Where("log/alert:Alert", "-dump-missing")
UPLOADER = Where("ram/policy:Policy", "-dump-key")
FAST = Where("StorageClass", "-fast-ssd")
KEDA = Where("Release", "-keda")
AUTOSCALER = Where("AutoscalingConfig")
_MODEL = Where("Deployment", "-llm")
_CONTAINER = "spec.template.spec.containers.0"
_CLAIM = Added(
    "kubernetes:core/v1:PersistentVolumeClaim",
    "letta-medium-more",
    {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "more", "namespace": "letta"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast-ssd",
            "resources": {"requests": {"storage": "10Gi"}},
        },
    },
)

large = partial(mutant, tier="large")


def _kept(rules: list[dict[str, Any]], days: int) -> None:
    [rule] = [one for one in rules if one.get("prefix")]
    rule["expirations"][0]["days"] = days


def _document(*actions: str, resource: str = "acs:oss:*:1234567890123456:data/x") -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": [resource]}
    return json.dumps({"Version": "1", "Statement": [statement]})


STORES = (
    mutant("database-class", "", Put(REPLICA, "instanceType", "pgro.n2.2c.1m")),
    mutant("database-storage", "", Put(PRIMARY, "storageUpperBound", 500)),
    mutant("database-storage", "", Put(PRIMARY, "storageAutoScale", "Disable"), label="fixed"),
    mutant(
        "database-storage", "", Put(PRIMARY, "dbInstanceStorageType", "cloud_essd2"), label="kind"
    ),
    mutant("database-parameters", "", Put(PRIMARY, "parameters.0.value", "1")),
    mutant("database-parameters", "", Put(PRIMARY, "sslAction", "Close"), label="without TLS"),
    mutant("cache-size", "", Put(CACHE, "instanceClass", "redis.shard.small.2.ce")),
    mutant("database-high-availability", "", Put(PRIMARY, "category", "Basic")),
    mutant(
        "database-high-availability",
        "",
        Put(PRIMARY, "zoneIdSlaveA", "ap-southeast-1a"),
        label="same zone",
    ),
    mutant("database-replicas", "", Gone(REPLICA)),
    mutant("database-backups", "", Put(BACKUPS, "enableBackupLog", False)),
    mutant("database-backups", "", Put(BACKUPS, "logBackupRetentionPeriod", 3), label="log"),
    mutant("final-snapshot", "", Put(BACKUPS, "releasedKeepPolicy", "None")),
    mutant("deletion-protection", "", Put(PRIMARY, "deletionProtection", False)),
    mutant(
        "deletion-protection",
        "",
        Put(BALANCER, "deletionProtectionEnabled", False),
        label="balancer",
    ),
    mutant("deletion-protection", "", Put(PLANE, "deletionProtection", False), label="cluster"),
    mutant("database-private", "", Put(PRIMARY, "securityIps", ["198.51.100.0/24"])),
    mutant(
        "database-private", "", Put(REPLICA, "securityIps", ["198.51.100.0/24"]), label="replica"
    ),
    mutant("database-encrypted", "", Put(PRIMARY, "encryptionKey", "")),
    mutant("cache-private", "", Put(CACHE, "securityIps", ["198.51.100.0/24"])),
    mutant("cache-eviction", "", Put(CACHE, "config.maxmemory-policy", "noeviction")),
    mutant("cache-reachable", "", Put(CACHE, "vpcAuthMode", "Open")),
    mutant("cache-reachable", "", Put(CACHE, "shardCount", 2), label="shards"),
    mutant("cache-no-persistence", "", Put(CACHE, "config.appendonly", "yes")),
    mutant("bucket-encrypted", "", Gone(Where("BucketServerSideEncryption"))),
    mutant(
        "bucket-encrypted",
        "",
        Put(Where("BucketServerSideEncryption"), "kmsMasterKeyId", ""),
        label="whose key",
    ),
    mutant("bucket-versioned", "", Put(Where("BucketVersioning"), "status", "Suspended")),
    mutant(
        "bucket-public-access-blocked",
        "",
        Put(Where("BucketPublicAccessBlock"), "blockPublicAccess", False),
    ),
    mutant("bucket-lifecycle", "", Put(BUCKET, "lifecycleRules.0.transitions.0.days", 60)),
    mutant("log-retention", "", Put(STORE, "retentionPeriod", 7)),
    mutant("log-retention", "", Put(STORE, "retentionPeriod", 3650), label="for ever"),
    mutant("logs-encrypted", "", Put(STORE, "encryptConf.enable", False)),
    mutant("database-dumped", "", Gone(DUMP)),
    mutant("database-dumped", "", Put(DUMP, "spec.suspend", True), label="paused"),
    mutant(
        "database-dumped",
        "",
        Edit(BUCKET, "lifecycleRules", lambda rules: _kept(rules, 3)),
        label="soon deleted",
    ),
    mutant("database-dumped", "", Gone(MISSING), label="unwatched"),
    mutant(
        "database-dumped",
        "",
        Put(MISSING, "severityConfigurations.0.evalCondition.condition", "found > 0"),
        label="wrong way",
    ),
)

WAYS_IN = (
    mutant("tls-listener", "", Put(HTTPS, "securityPolicyId", "tls_cipher_policy_1_0")),
    mutant(
        "tls-listener",
        "",
        Gone(Where("alb/rule:Rule", "-http")),
        Put(HTTP, "idleTimeout", 600),
        Put(HTTP, "requestTimeout", 600),
        label="plain",
    ),
    mutant("load-balancer-idle-timeout", "", Put(HTTPS, "requestTimeout", 60)),
    mutant("load-balancer-idle-timeout", "", Put(HTTPS, "idleTimeout", 15), label="silence"),
    mutant(
        "health-check-path",
        "",
        Put(GROUP, "healthCheckConfig.healthCheckPath", "/"),
        label="load balancer",
    ),
    mutant("drain-and-stop", "", Put(GROUP, "connectionDrainConfig.connectionDrainEnabled", False)),
    mutant(
        "open-to-the-world",
        "",
        Put(Where("SecurityGroupRule", "-nodes-1"), "cidrIp", "0.0.0.0/0"),
    ),
    mutant("open-to-the-world", "", Put(PRIMARY, "securityIps", ["0.0.0.0/0"]), label="database"),
    mutant("open-to-the-world", "", Put(CACHE, "securityIps", ["0.0.0.0/1"]), label="cache"),
    mutant("iam-least-privilege", "", Put(UPLOADER, "policyDocument", _document("oss:*"))),
    mutant(
        "iam-least-privilege",
        "",
        Put(UPLOADER, "policyDocument", _document("oss:PutObject", resource="*")),
        label="everything",
    ),
    mutant(
        "iam-least-privilege",
        "",
        Put(Where("RolePolicyAttachment", "-logs"), "policyType", "System"),
        label="somebody's",
    ),
)

CLUSTERS = (
    mutant("control-plane-access", "0.0.0.0/0", Put(PLANE, "slbInternetEnabled", True)),
    mutant("control-plane-guarded", "", Put(PLANE, "encryptionProviderKey", "")),
    mutant("control-plane-guarded", "", Put(PLANE, "disableEncryption", True), label="off"),
    mutant("control-plane-guarded", "", Put(PLANE, "auditLogConfig.enabled", False), label="audit"),
    mutant("api-machine-size", "", Put(API_POOL, "instanceTypes", ["ecs.c7.large"])),
    large("worker-size", "", Put(WORK_POOL, "instanceTypes", ["ecs.g7.xlarge"])),
    mutant("rolling-deploy-fits-capacity", "", Put(API_POOL, "scalingConfig.maxSize", 3)),
    mutant("imds-v2", "", Put(API_POOL, "instanceMetadataOptions.httpTokens", "optional")),
    large("pods-find-a-machine", "", Put(EMBED_POOL, "labels", [{"key": "x", "value": "y"}])),
    large("pods-find-a-machine", "", Put(EMBED_POOL, "scalingConfig.maxSize", 1), label="machines"),
    mutant("volumes-encrypted", "", Put(API_POOL, "systemDiskEncrypted", False)),
    mutant("volumes-encrypted", "", Put(FAST, "parameters.encrypted", "false"), label="class"),
    mutant("node-autoscaler", "", Gone(AUTOSCALER)),
    mutant("spot-for-workers-only", "", Put(API_POOL, "spotStrategy", "SpotAsPriceGo")),
    mutant("connection-budget", "", environment("LETTA_PG_MAX_OVERFLOW", "90")),
    mutant(
        "spans-zones",
        "",
        Put(Where("vpc/switch:Switch", "-nodes-2"), "zoneId", "ap-southeast-1a"),
        Put(Where("vpc/switch:Switch", "-nodes-3"), "zoneId", "ap-southeast-1a"),
    ),
    large(
        "services-stay-inside",
        "",
        Put(Where("Service", "-embed"), "spec.type", "NodePort"),
        label="NodePort",
    ),
    large(
        "services-stay-inside",
        "",
        Put(Where("Service", "-api"), "spec.externalIPs", ["203.0.113.7"]),
        label="external address",
    ),
    mutant(
        "services-stay-inside",
        "",
        Put(Where("AlbServerGroupAttachment", "-api"), "port", 30999),
        label="no balancer",
    ),
)

PODS = (
    # The balancer calls a port of machines here, so that is no bad configuration.
    *(
        one
        for one in ANY_CLUSTER
        if one.id not in ("services-stay-inside-NodePort", "services-stay-inside-external address")
    ),
    mutant(
        "pinned-images",
        "",
        Put(DUMP, f"spec.jobTemplate.{_CONTAINER}.image", "rclone/rclone"),
    ),
    mutant("pooling-on", "", environment("LETTA_DISABLE_SQLALCHEMY_POOLING", None)),
    mutant("log-data", "", environment("LETTA_DEBUG", "true")),
    mutant("tools-run-in-server", "", environment("E2B_API_KEY", None)),
    mutant("model-provider-has-key", "", environment("OPENAI_API_KEY", None)),
    mutant(
        "network-policies",
        "lets anybody call",
        Put(Where("NetworkPolicy", "-medium-api"), "spec.ingress.0.from", []),
    ),
    mutant(
        "network-policies",
        "so anybody may",
        Put(PLANE, "addons.0.config", '{"NetworkPolicy": "false"}'),
        label="unheeded",
    ),
    mutant("storage-fits-data", "", _CLAIM),
    mutant("pinned-charts", "", Put(KEDA, "version", "^2"), tier="vllm"),
    mutant("custom-resources-have-controller", "", Gone(KEDA), tier="vllm"),
    large(
        "embedding-image-fits-card",
        "",
        Put(EMBED_POOL, "instanceTypes", ["ecs.gn7i-c8g1.2xlarge"]),
    ),
    large(
        "gpus-reserved-and-usable",
        "an image without their driver",
        Put(EMBED_POOL, "imageType", "ContainerOS"),
    ),
    large(
        "gpus-reserved-and-usable",
        "lets any pod in",
        Edit(EMBED_POOL, "taints", lambda taints: taints.pop()),
        label="taint",
    ),
    mutant(
        "gpu-memory-holds-model",
        "",
        Edit(_MODEL, f"{_CONTAINER}.args", lambda words: words.__setitem__(0, "my/model")),
        tier="vllm",
    ),
    mutant(
        "tensor-parallel-equals-gpus",
        "",
        argument("--tensor-parallel-size", "2"),
        argument("--max-model-len", "4096"),
        tier="vllm",
    ),
    mutant(
        "gated-model-has-token",
        "",
        Edit(
            _MODEL,
            f"{_CONTAINER}.args",
            lambda words: words.__setitem__(0, "meta-llama/Llama-3.3-70B-Instruct"),
        ),
        tier="vllm",
    ),
)


_SANDBOX = {
    "name": "E2B_API_KEY",
    "valueFrom": {"secretKeyRef": {"name": "keys", "key": "e2b_api_key"}},
}


def _with_sandbox(stack: str, resources: Resources) -> Resources:
    """On small and medium, a sandbox for agents' tools."""
    for where in {"small": (API,), "medium": (API, Where("Deployment", "-work"))}.get(stack, ()):
        change = Edit(where, f"{_CONTAINER}.env", lambda found: found.append(dict(_SANDBOX)))
        resources = change(resources)
    return resources


CASE = Case(
    cloud="alicloud",
    mutants=(*STORES, *WAYS_IN, *CLUSTERS, *PODS),
    stacks={
        "small": ("small", {}),
        "medium": ("medium", {}),
        "large": ("large", {}),
        "vllm": ("large", {"embedding": "api", "llm": {"hosting": "vllm"}}),
        "ollama": ("large", {"embedding": "cpu", "llm": {"hosting": "ollama"}}),
    },
    # What small's stack file waives, and advice.
    accepted={
        "small": frozenset({"api-high-availability"}),
        **dict.fromkeys(("large", "vllm", "ollama"), frozenset({"tools-run-in-server"})),
    },
    let_through=frozenset(
        {
            "bucket-encrypted-whose key",
            "control-plane-guarded",
            "database-encrypted",
            "kubernetes-schema-type",
        }
    ),
    budgets_usd={"small": 700, "medium": 5000, "large": 100_000},
    complete=_with_sandbox,
)
