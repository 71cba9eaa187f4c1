"""Bad configurations that Letta 0.16.4 does not bear; see `mutants.py`."""

from __future__ import annotations

from tests.policies.changes import (
    Containers,
    Gone,
    Put,
    Where,
    no_reference,
    no_variable,
    put,
    variable,
)
from tests.policies.mutants import API_TASK, BOOT_TASK, CACHE, WORK_TASK, mutant, server

APPLICATION = (
    mutant(
        "external-stores",
        "letta-medium-api: container server has no LETTA_PG_URI and would start a throw-away store "
        "of its own; hand it over by reference",
        server(no_reference("LETTA_PG_URI")),
    ),
    mutant(
        "external-stores",
        "letta-medium-work: container server has no LETTA_REDIS_HOST and would start a throw-away "
        "store of its own; hand it over by reference",
        server(no_reference("LETTA_REDIS_HOST"), WORK_TASK),
        label="cache",
    ),
    mutant(
        "external-stores",
        "letta-small-api: container server has no LETTA_REDIS_HOST and would start a throw-away "
        "store of its own; hand it over by reference",
        server(no_variable("LETTA_REDIS_HOST")),
        tier="small",
        label="small",
    ),
    mutant(
        "pooling-on",
        "letta-medium-api: container server opens a database connection for every query, without "
        "bound; set LETTA_DISABLE_SQLALCHEMY_POOLING to false",
        server(no_variable("LETTA_DISABLE_SQLALCHEMY_POOLING")),
    ),
    mutant(
        "server-never-migrates",
        "letta-medium-api: container server starts with `./letta/server/startup.sh`: the image's "
        "start script migrates, without a lock, and both it and `letta server` log the server's "
        "password; give it SERVER_COMMAND of components/letta/environment.py",
        server(put("command", ["./letta/server/startup.sh"])),
    ),
    mutant(
        "server-never-migrates",
        "letta-medium-api: container server starts with `the image's own`: the image's "
        "start script migrates, without a lock, and both it and `letta server` log the server's "
        "password; give it SERVER_COMMAND of components/letta/environment.py",
        server(put("command", [])),
        label="default",
    ),
    mutant(
        "bootstrap-present",
        "letta-medium-api: runs letta/letta:0.16.4, the bootstrap migrates for letta/letta:0.16.3; "
        "give both the same image",
        Containers(BOOT_TASK, put("image", "letta/letta:0.16.3"), "bootstrap"),
    ),
    mutant(
        "bootstrap-present",
        "letta-medium: there is no bootstrap of the database in this stack; "
        "build the stack with infra.stack.Deployment",
        Gone(Where("Invocation")),
        label="none",
    ),
    mutant(
        "health-check-path",
        "letta-medium-in-api: asks /v1/health, must ask /v1/health/: others redirect or want the "
        "password; set the health check's path to /v1/health/",
        Put(Where("TargetGroup", "-in-api"), "healthCheck.path", "/v1/health"),
    ),
    mutant(
        "health-check-path",
        "letta-small-api: nothing asks /v1/health/ of container server; "
        "register it with a load balancer or give it a health check",
        server(put("healthCheck", {"command": ["CMD", "true"]})),
        tier="small",
        label="small",
    ),
    mutant(
        "load-balancer-idle-timeout",
        "letta-medium-in: cuts a connection after 60 s of silence, least is 600 s: a message call "
        "sends no byte until it is done; set letta:ingress.idle_timeout_seconds to 600 or more",
        Put(Where("LoadBalancer"), "idleTimeout", 60),
    ),
    mutant(
        "load-balancer-idle-timeout",
        "letta-medium-api: keeps idle connections for 5 s, must keep them longer than "
        "letta-medium-in does (900 s); set LETTA_UVICORN_TIMEOUT_KEEP_ALIVE",
        server(no_variable("LETTA_UVICORN_TIMEOUT_KEEP_ALIVE")),
        label="server",
    ),
    mutant(
        "drain-and-stop",
        "letta-medium-in-api: lets requests of a leaving copy run for 10 s, least is 120 s; "
        "raise its deregistration delay",
        Put(Where("TargetGroup", "-in-api"), "deregistrationDelay", 10),
    ),
    mutant(
        "drain-and-stop",
        "letta-medium-api: container server is killed 30 s after it is asked to stop, "
        "least is 120 s; raise its stop timeout",
        server(lambda container: container.pop("stopTimeout")),
        label="stop",
    ),
    mutant(
        "cache-eviction",
        "letta-medium-cache: evicts by noeviction, must evict by allkeys-lru: a full cache must "
        "not refuse writes; set letta:cache.eviction_policy to allkeys-lru",
        Put(Where("ParameterGroup", "-redis7"), "parameters.0.value", "noeviction"),
    ),
    mutant(
        "cache-no-persistence",
        "letta-medium-cache: writes its data to disk or snapshots, must keep it in memory only; "
        "set letta:cache.snapshot_retention_days to 0",
        Put(CACHE, "snapshotRetentionLimit", 7),
    ),
    mutant(
        "cache-no-persistence",
        "letta-small-api: writes its data to disk or snapshots, must keep it in memory only; "
        "set letta:cache.snapshot_retention_days to 0",
        Containers(API_TASK, lambda one: one["command"].remove("--save"), "redis"),
        tier="small",
        label="small",
    ),
    mutant(
        "cache-reachable",
        "letta-medium-cache: demands TLS, which the server's client does not speak: it would go on "
        "without a cache; turn them off; the security group keeps strangers out",
        Put(CACHE, "transitEncryptionEnabled", True),
    ),
    mutant(
        "cache-reachable",
        "letta-medium-cache: demands cluster redirects, which the server's client does not speak: "
        "it would go on without a cache; turn them off; the security group keeps strangers out",
        Put(CACHE, "clusterMode", "enabled"),
        label="cluster",
    ),
    mutant(
        "log-data",
        "letta-medium-api: container server logs at DEBUG, where users' data can appear; "
        "set letta:monitoring.debug_logs to false",
        server(variable("LETTA_DEBUG", "true")),
    ),
    mutant(
        "tools-run-in-server",
        "letta-medium-api: agents' tools run inside container server and can read its variables, "
        "secrets included; let only people you trust write tools",
        server(no_reference("E2B_API_KEY")),
    ),
    mutant(
        "model-provider-has-key",
        "letta-medium-api: the default of its agents is openai/gpt-4.1-mini and "
        "openai/text-embedding-3-small, but no key of openai is given; "
        "set letta:llm.providers.openai, or letta:llm.model and letta:embedding.model",
        server(no_reference("OPENAI_API_KEY")),
    ),
)
