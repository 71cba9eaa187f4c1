"""Bad configurations of the servers of a large stack; see `mutants.py`."""

from __future__ import annotations

from tests.policies.changes import Put, Where
from tests.policies.mutants_pods import (
    API,
    API_POOL,
    API_SCALING,
    API_TEMPLATE,
    BOOT,
    CONTAINER,
    POD,
    environment,
    large,
)

TIERS = (
    large(
        "api-machine-size",
        "letta-large-api: machine type m5.xlarge has 4 vCPU and 16 GiB, least is 8 vCPU and "
        "32 GiB; raise letta:api.instance_type, or letta:api.vcpus and letta:api.memory_gib",
        Put(API_POOL, "instanceTypes", ["m5.2xlarge", "m5.xlarge"]),
        label="large",
    ),
    large(
        "api-replica-count",
        "letta-large-api: starts with 3 copies, large starts with 5 to 10; set letta:api.replicas",
        Put(API, "spec.replicas", 3),
        label="large",
    ),
    large(
        "worker-count",
        "letta-large-work: has 1 to 8 copies, large has 1 to 6; "
        "set letta:worker.min_replicas and letta:worker.max_replicas",
        Put(Where("HorizontalPodAutoscaler", "-work"), "spec.maxReplicas", 8),
        Put(Where("HorizontalPodAutoscaler", "-work"), "spec.minReplicas", 1),
        label="large",
    ),
    large(
        "rolling-deploy-fits-capacity",
        "letta-large-api: a rolling deploy at the ceiling runs 13 copies, its machines hold 8; "
        "lower letta:api.max_replicas or letta:api.task_memory_mib, "
        "or raise letta:api.instance_type",
        Put(API, f"{CONTAINER}.resources.requests.memory", "24Gi"),
        Put(API, f"{CONTAINER}.resources.limits.memory", "24Gi"),
        Put(API_POOL, "scalingConfig.maxSize", 8),
        label="large",
    ),
    large(
        "connection-budget",
        "letta-large-db-primary: 5203 connections during a rolling deploy at the ceiling "
        "(api 20 x 1 x (200 + 30) = 4600, worker 12 x 1 x (20 + 30) = 600, jobs 3), limit is 4985 "
        "of the 5000 that db.r5.4xlarge accepts; lower letta:database.pool_size, "
        "letta:database.max_overflow or letta:api.max_replicas, or raise "
        "letta:database.instance_type",
        environment("LETTA_PG_POOL_SIZE", "200"),
        label="large",
    ),
    large(
        "replica-bounds",
        "letta-large-api: grows to 12 copies, most is 10; set letta:api.max_replicas to 10 or less",
        Put(API_SCALING, "spec.maxReplicas", 12),
        label="large",
    ),
    large(
        "replica-bounds",
        "letta-large-api: has no autoscaler, large scales its api tier; "
        "set letta:api.max_replicas above min_replicas",
        Put(API_SCALING, "spec.scaleTargetRef.name", "letta-other"),
        label="large, other target",
    ),
    large(
        "cpu-target",
        "letta-large-api: holds cpu use at 90 %, most is 65 %; "
        "set letta:api.cpu_target_percent to 65 or less",
        Put(API_SCALING, "spec.metrics.0.resource.target.averageUtilization", 90),
        label="large",
    ),
    large(
        "memory-target",
        "letta-large-api: does not scale on memory; "
        "set letta:api.memory_target_percent to 70 or less",
        Put(
            API_SCALING,
            "spec.metrics.1.resource.target",
            {"type": "AverageValue", "averageValue": "700Mi"},
        ),
        label="large, by amount",
    ),
    large(
        "scaling-cooldowns",
        "letta-large-api: pauses 10 s after removing copies, least is 300 s; "
        "set letta:api.scale_in_cooldown_seconds to 300 or more",
        Put(API_SCALING, "spec.behavior.scaleDown.stabilizationWindowSeconds", 10),
        label="large",
    ),
    large(
        "api-high-availability",
        "letta-large-api: may run 1 copies, least is 2; "
        "set letta:api.min_replicas to 2 or more, or waive the rule",
        Put(API_SCALING, "spec.minReplicas", 1),
        label="large",
    ),
    large(
        "external-stores",
        "letta-large-api: container server has no LETTA_PG_URI and would start a throw-away store "
        "of its own; hand it over by reference",
        environment("LETTA_PG_URI", None),
        label="large",
    ),
    large(
        "server-never-migrates",
        "letta-large-api: container server starts with `the image's own`: the image's "
        "start script migrates, without a lock, and both it and `letta server` log the server's "
        "password; give it SERVER_COMMAND of components/letta/environment.py",
        Put(API, f"{CONTAINER}.command", []),
        label="large",
    ),
    large(
        "bootstrap-present",
        "letta-large-api: runs letta/letta:0.16.4, the bootstrap migrates for letta/letta:0.16.3; "
        "give both the same image",
        Put(BOOT, f"{CONTAINER}.image", "letta/letta:0.16.3"),
        label="large",
    ),
    large(
        "health-check-path",
        "letta-large-api: its readiness probe asks /v1/health, must ask /v1/health/: others "
        "redirect or want the password; set the probe's path to /v1/health/",
        Put(API, f"{CONTAINER}.readinessProbe.httpGet.path", "/v1/health"),
        label="large",
    ),
    large(
        "health-check-path",
        "letta-large-in-api: asks /health, must ask /v1/health/: others redirect or want the "
        "password; set the health check's path to /v1/health/",
        Put(Where("TargetGroup", "-in-api"), "healthCheck.path", "/health"),
        label="large, load balancer",
    ),
    large(
        "drain-and-stop",
        "letta-large-api: container server is killed 30 s after it is asked to stop, "
        "least is 120 s; raise its stop timeout",
        Put(API, f"{POD}.terminationGracePeriodSeconds", None),
        label="large",
    ),
    large(
        "server-secured",
        "letta-large-api: container server gets no LETTA_SERVER_PASSWORD from the secret store; "
        "hand it over by reference",
        environment("LETTA_SERVER_PASSWORD", None),
        label="large",
    ),
    large(
        "pinned-images",
        "letta-large-llm-router: container router runs haproxy, must name a version or a digest; "
        "pin its tag",
        Put(Where("Deployment", "-llm-router"), f"{CONTAINER}.image", "haproxy"),
        on="vllm",
        label="large",
    ),
    large(
        "no-plain-secret",
        "letta-large-api: variable GROQ_API_KEY of container server holds a secret in plain text; "
        "keep it in the secret store and refer to it, and replace it: it was exposed",
        environment("GROQ_API_KEY", "anything"),
        label="large",
    ),
    large(
        "imds-v2",
        "letta-large-k8s-api: its metadata travels 2 hops, most is 1: containers could take the "
        "machine's credentials; set the hop limit to 1",
        Put(API_TEMPLATE, "metadataOptions.httpPutResponseHopLimit", 2),
        label="large",
    ),
)
