"""Stacks on Google Cloud, and their bad configurations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from policies.facts.resource import UNDETERMINED
from tests.policies.case import Case
from tests.policies.changes import Edit, Gone, Put, Resources, Where
from tests.policies.clouds.gcp_clusters import CLUSTERS
from tests.policies.mutants import mutant

API = Where("Service", "-api")
PRIMARY = Where("DatabaseInstance", "-primary")
REPLICA = Where("DatabaseInstance", "-replica-1")
BUCKET = Where("storage/bucket:Bucket")
CACHE = Where("Instance", "-cache")
BOOTSTRAP = Where("cloudrunv2/job:Job", "-boot")
SCHEDULE = Where("cloudscheduler/job:Job", "-dump")
FORWARDING = Where("GlobalForwardingRule", "-https")
WAF = Where("SecurityPolicy")
RDB = {"persistenceMode": "RDB"}


@dataclass(frozen=True)
class Server:
    """A change to the container that runs Letta."""

    where: Where
    change: Callable[[dict[str, Any]], object]

    def __call__(self, resources: Resources) -> Resources:
        return Edit(self.where, "template", self._changed)(resources)

    def unknown(self) -> Put:
        """All containers, not known yet."""
        return Put(self.where, "template.containers", UNDETERMINED)

    def _changed(self, template: Mapping[str, Any]) -> None:
        [container] = [one for one in template["containers"] if one["name"] == "server"]
        self.change(container)


def server(change: Callable[[dict[str, Any]], object], end: str = "-api") -> Server:
    """A change to the container that runs Letta in the service whose name ends so."""
    return Server(Where("Service", end), change)


def reference(name: str) -> Callable[[dict[str, Any]], None]:
    """Gives a container a variable from the secret store."""

    def change(container: dict[str, Any]) -> None:
        source = {"secretKeyRef": {"secret": "x", "version": "1"}}
        container["envs"] = [*container["envs"], {"name": name, "valueSource": source}]

    return change


def no_variable(name: str) -> Callable[[dict[str, Any]], None]:
    """Takes a variable from a container."""

    def change(container: dict[str, Any]) -> None:
        container["envs"] = [one for one in container["envs"] if one["name"] != name]

    return change


def variable(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    """Sets a plain variable of a container."""

    def change(container: dict[str, Any]) -> None:
        no_variable(name)(container)
        container["envs"] = [*container["envs"], {"name": name, "value": value}]

    return change


def put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Sets a field of a container."""

    def change(container: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place = container
        for part in way:
            place = place[part]
        place[last] = value

    return change


def _kept(rules: list[dict[str, Any]], days: int) -> None:
    [rule] = [one for one in rules if one["condition"].get("withState") == "LIVE"]
    rule["condition"]["age"] = days


def _silent(conditions: list[dict[str, Any]]) -> None:
    [condition] = conditions
    condition["conditionThreshold"]["evaluationMissingData"] = "EVALUATION_MISSING_DATA_INACTIVE"


def _limit(rules: list[dict[str, Any]], count: int) -> None:
    [rule] = [one for one in rules if one["action"] == "throttle"]
    rule["rateLimitOptions"]["rateLimitThreshold"]["count"] = count


def _inspect(rules: list[dict[str, Any]], name: str) -> None:
    rules[0]["match"]["expr"]["expression"] = f"evaluatePreconfiguredWaf('{name}')"


MUTANTS = (
    mutant("api-machine-size", "", server(put("resources.limits.memory", "4096Mi"))),
    mutant("api-replica-count", "", Put(API, "template.scaling.minInstanceCount", 6)),
    mutant("replica-bounds", "", Put(API, "template.scaling.maxInstanceCount", 11)),
    mutant("cpu-target", "", Put(API, "template.scaling.cpuUtilization", 0.9)),
    mutant("worker-size", "", server(put("resources.limits.memory", "2048Mi"), "-work")),
    mutant(
        "worker-count", "", Put(Where("Service", "-work"), "template.scaling.maxInstanceCount", 3)
    ),
    mutant("database-class", "", Put(REPLICA, "settings.tier", "db-custom-2-7680")),
    mutant("database-storage", "", Put(PRIMARY, "settings.diskAutoresizeLimit", 500)),
    mutant("database-parameters", "", Put(PRIMARY, "settings.databaseFlags.0.value", "1")),
    mutant("cache-size", "", Put(CACHE, "memorySizeGb", 1)),
    mutant("database-high-availability", "", Put(PRIMARY, "settings.availabilityType", "ZONAL")),
    mutant("database-replicas", "", Gone(REPLICA)),
    mutant("database-backups", "", Put(PRIMARY, "settings.backupConfiguration.enabled", False)),
    mutant("final-snapshot", "", Put(PRIMARY, "settings.finalBackupConfig.enabled", False)),
    mutant("deletion-protection", "", Put(PRIMARY, "settings.deletionProtectionEnabled", False)),
    mutant("database-private", "", Put(PRIMARY, "settings.ipConfiguration.ipv4Enabled", True)),
    mutant("bucket-encrypted", "", Put(BUCKET, "encryption", {})),
    mutant("bucket-versioned", "", Put(BUCKET, "versioning.enabled", False)),
    mutant("bucket-public-access-blocked", "", Put(BUCKET, "publicAccessPrevention", "inherited")),
    mutant("bucket-lifecycle", "", Put(BUCKET, "lifecycleRules.0.condition.age", 60)),
    mutant("log-retention", "", Put(Where("ProjectBucketConfig", "-api"), "retentionDays", 7)),
    mutant("logs-encrypted", "", Put(Where("ProjectBucketConfig", "-api"), "cmekSettings", {})),
    mutant(
        "secrets-encrypted",
        "",
        Put(Where("Secret", "-server-password"), "replication", {"auto": {}}),
    ),
    mutant("cache-eviction", "", Put(CACHE, "redisConfigs", {"maxmemory-policy": "noeviction"})),
    mutant("cache-reachable", "", Put(CACHE, "authEnabled", True)),
    mutant(
        "cache-no-persistence",
        "",
        Put(CACHE, "persistenceConfig", {"persistenceMode": "RDB"}, wired=True),
    ),
    mutant("external-stores", "", server(no_variable("LETTA_PG_URI"))),
    mutant("pooling-on", "", server(no_variable("LETTA_DISABLE_SQLALCHEMY_POOLING"))),
    mutant("connection-budget", "", server(variable("LETTA_PG_MAX_OVERFLOW", "60"))),
    mutant("server-never-migrates", "", server(put("commands", ["./letta/server/startup.sh"]))),
    mutant("health-check-path", "", server(put("livenessProbe.httpGet.path", "/v1/health"))),
    mutant(
        "load-balancer-idle-timeout", "", server(variable("LETTA_UVICORN_TIMEOUT_KEEP_ALIVE", "5"))
    ),
    mutant("server-secured", "", server(no_variable("LETTA_ENCRYPTION_KEY"))),
    mutant(
        "pinned-images",
        "",
        server(put("image", "letta/letta:latest")),
        server(put("image", "letta/letta:latest"), "-work"),
        Put(BOOTSTRAP, "template.template.containers.0.image", "letta/letta:latest"),
    ),
    mutant("no-plain-secret", "", server(variable("MY_PASSWORD", "hunter2hunter2"))),
    mutant("open-to-the-world", "", Put(API, "ingress", "INGRESS_TRAFFIC_ALL")),
    mutant("tls-listener", "", Put(Where("SSLPolicy"), "minTlsVersion", "TLS_1_0")),
    mutant(
        "iam-least-privilege",
        "",
        Put(Where("CryptoKeyIAMMember", "-storage"), "member", "allUsers"),
    ),
    mutant("database-dumped", "", Gone(SCHEDULE)),
    mutant("database-dumped", "", Put(SCHEDULE, "paused", True), label="paused"),
    mutant(
        "database-dumped",
        "",
        Edit(BUCKET, "lifecycleRules", lambda rules: _kept(rules, 3)),
        label="soon deleted",
    ),
    mutant("database-dumped", "", Gone(Where("AlertPolicy", "-dump-missing")), label="unwatched"),
    mutant(
        "database-dumped",
        "",
        Edit(Where("AlertPolicy", "-dump-missing"), "conditions", _silent),
        label="silent",
    ),
    # Behind a load balancer, its own rule is broken too.
    mutant("drain-and-stop", "", Put(API, "template.timeout", "60s"), tier="small"),
    mutant("log-data", "", server(variable("LETTA_DEBUG", "true"))),
    mutant("tools-run-in-server", "", server(no_variable("E2B_API_KEY"))),
    mutant("model-provider-has-key", "", server(no_variable("OPENAI_API_KEY"))),
    mutant("bootstrap-present", "", Put(BOOTSTRAP, "runExecutionToken", "")),
    mutant(
        "waf-present",
        "",
        Put(Where("BackendService", "-worker"), "securityPolicy", ""),
        tier="run",
    ),
    mutant("waf-present", "", Gone(WAF), tier="run", label="none"),
    mutant(
        "waf-rate-limit", "", Edit(WAF, "rules", lambda rules: _limit(rules, 200_000)), tier="run"
    ),
    mutant(
        "waf-passes-prompts",
        "",
        Edit(WAF, "rules", lambda rules: _inspect(rules, "sqli-v33-stable")),
        tier="run",
    ),
    mutant(
        "waf-logged",
        "",
        Put(Where("BackendService", "-api"), "logConfig.enable", False),
        tier="run",
    ),
)


_IN_PODS = ("large", "vllm", "ollama")


def _with_sandbox(stack: str, resources: Resources) -> Resources:
    """On Cloud Run, a sandbox for agents' tools."""
    for end in {"small": ("-api",), **dict.fromkeys(_IN_PODS, ())}.get(stack, ("-api", "-work")):
        resources = server(reference("E2B_API_KEY"), end)(resources)
    return resources


_ON_CLOUD_RUN: Mapping[str, Any] = {
    "api": {"compute": "cloud_run", "replicas": 5, "min_replicas": 5},
    "worker": {"compute": "cloud_run", "replicas": 2},
    "embedding": "api",
    "ingress": {"control_plane": None},
}
"""Large without a cluster."""


CASE = Case(
    cloud="gcp",
    mutants=(*MUTANTS, *CLUSTERS),
    stacks={
        "small": ("small", {}),
        "medium": ("medium", {}),
        "large": ("large", {}),
        "run": ("large", _ON_CLOUD_RUN),
        "vllm": ("large", {"embedding": "api", "llm": {"hosting": "vllm"}}),
        "ollama": ("large", {"embedding": "cpu", "llm": {"hosting": "ollama"}}),
    },
    # What small's stack file waives, and advice.
    accepted={
        "small": frozenset({"api-high-availability"}),
        "large": frozenset({"tools-run-in-server", "current-machine-types"}),
        "vllm": frozenset({"tools-run-in-server"}),
        "ollama": frozenset({"tools-run-in-server", "current-machine-types"}),
    },
    let_through=frozenset(
        {"bootstrap-present", "bucket-encrypted", "kubernetes-schema-type", "logs-encrypted"}
    ),
    # Somewhat more than it does.
    budgets_usd={"small": 400, "medium": 5000, "large": 100_000, "run": 85_000},
    complete=_with_sandbox,
)
