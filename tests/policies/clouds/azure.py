"""Stacks on Azure, and their bad configurations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from policies.facts.resource import UNDETERMINED
from tests.policies.case import Case
from tests.policies.changes import Edit, Gone, Put, Resources, Where
from tests.policies.clouds.azure_clusters import CLUSTERS
from tests.policies.mutants import mutant

API = Where("ContainerApp", "-api")
WORKER = Where("ContainerApp", "-work")
PRIMARY = Where("dbforpostgresql:Server", "-primary")
REPLICA = Where("dbforpostgresql:Server", "-replica-1")
BUCKET = Where("StorageAccount")
VERSIONS = Where("BlobServiceProperties")
AGEING = Where("ManagementPolicy")
CACHE = Where("RedisEnterprise")
CACHE_DATA = Where("redisenterprise:Database")
BOOTSTRAP = Where("app:Job", "-boot")
RUN = Where("AzureCliScript", "-boot-run")
DUMP = Where("app:Job", "-dump")
MISSING = Where("ScheduledQueryRule", "-dump-missing")
ENVIRONMENT = Where("ManagedEnvironment")
GATEWAY = Where("ApplicationGateway")
WAF = Where("WebApplicationFirewallPolicy")
GUARDED = "guarded"
"""Medium with a firewall before it."""
OWNER = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/"
    "roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
)
COOL = "policy.rules.0.definition.actions.baseBlob.tierToCool.daysAfterModificationGreaterThan"


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


def server(change: Callable[[dict[str, Any]], object], where: Where = API) -> Server:
    """A change to the container that runs Letta in an app."""
    return Server(where, change)


def reference(name: str) -> Callable[[dict[str, Any]], None]:
    """Gives a container a variable from the vault."""

    def change(container: dict[str, Any]) -> None:
        container["env"] = [*container["env"], {"name": name, "secretRef": "x"}]

    return change


def no_variable(name: str) -> Callable[[dict[str, Any]], None]:
    """Takes a variable from a container."""

    def change(container: dict[str, Any]) -> None:
        container["env"] = [one for one in container["env"] if one["name"] != name]

    return change


def variable(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    """Sets a plain variable of a container."""

    def change(container: dict[str, Any]) -> None:
        no_variable(name)(container)
        container["env"] = [*container["env"], {"name": name, "value": value}]

    return change


def put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Sets a field of a container."""

    def change(container: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place: Any = container
        for part in way:
            place = place[part]
        place[last] = value

    return change


def _probed(container: dict[str, Any]) -> None:
    for probe in container["probes"]:
        probe["httpGet"]["path"] = "/v1/health"


def _kept(rules: list[dict[str, Any]]) -> None:
    [rule] = [one for one in rules if one["name"].startswith("expire-")]
    rule["definition"]["actions"]["baseBlob"]["delete"]["daysAfterModificationGreaterThan"] = 3


def _silent(conditions: list[dict[str, Any]]) -> None:
    [condition] = conditions
    condition["operator"] = "GreaterThan"


MUTANTS = (
    mutant("api-machine-size", "", server(put("resources.memory", "2Gi"))),
    mutant("api-replica-count", "", Put(API, "template.scale.minReplicas", 6)),
    mutant("replica-bounds", "", Put(API, "template.scale.maxReplicas", 11)),
    mutant("cpu-target", "", Put(API, "template.scale.rules.0.custom.metadata.value", "90")),
    mutant("memory-target", "", Put(API, "template.scale.rules.1.custom.metadata.value", "95")),
    mutant("spans-zones", "", Put(ENVIRONMENT, "zoneRedundant", False)),
    mutant("worker-size", "", server(put("resources.memory", "1Gi"), WORKER)),
    mutant("worker-count", "", Put(WORKER, "template.scale.maxReplicas", 3)),
    mutant("database-class", "", Put(REPLICA, "sku.name", "Standard_D2ds_v5")),
    mutant("database-storage", "", Put(PRIMARY, "storage.autoGrow", "Disabled")),
    mutant("database-parameters", "", Put(Where("Configuration", "-shared-buffers"), "value", "1")),
    mutant("cache-size", "", Put(CACHE, "sku.name", "Balanced_B1")),
    mutant("database-high-availability", "", Put(PRIMARY, "highAvailability.mode", "Disabled")),
    mutant("database-replicas", "", Gone(REPLICA)),
    mutant("database-backups", "", Put(PRIMARY, "backup.backupRetentionDays", 5)),
    mutant("deletion-protection", "", Gone(Where("ManagementLockByScope", "-primary-lock"))),
    mutant(
        "deletion-protection",
        "",
        Put(Where("ManagementLockByScope", "-primary-lock"), "level", "NotSpecified"),
        label="lock without effect",
    ),
    mutant("database-private", "", Put(PRIMARY, "network.publicNetworkAccess", "Enabled")),
    mutant("bucket-encrypted", "", Put(BUCKET, "encryption.keySource", "Microsoft.Storage")),
    mutant("bucket-versioned", "", Put(VERSIONS, "isVersioningEnabled", False)),
    mutant("bucket-public-access-blocked", "", Put(BUCKET, "allowBlobPublicAccess", True)),
    mutant(
        "bucket-public-access-blocked",
        "",
        Put(BUCKET, "publicNetworkAccess", "Enabled"),
        label="network",
    ),
    mutant("bucket-lifecycle", "", Put(AGEING, COOL, 60)),
    mutant("log-retention", "", Put(Where("Workspace"), "retentionInDays", 7)),
    mutant("cache-eviction", "", Put(CACHE_DATA, "evictionPolicy", "NoEviction")),
    mutant("cache-reachable", "", Put(CACHE_DATA, "clusteringPolicy", "OSSCluster")),
    mutant("cache-no-persistence", "", Put(CACHE_DATA, "persistence", {"rdbEnabled": True})),
    mutant("external-stores", "", server(no_variable("LETTA_PG_URI"))),
    mutant("pooling-on", "", server(no_variable("LETTA_DISABLE_SQLALCHEMY_POOLING"))),
    mutant(
        "connection-budget",
        # Azure keeps 15 for itself, and 10 are for whoever comes by hand.
        "limit is 1693 of the 1718",
        server(variable("LETTA_PG_MAX_OVERFLOW", "200")),
    ),
    mutant("server-never-migrates", "", server(put("command", ["./letta/server/startup.sh"]))),
    mutant("health-check-path", "", server(_probed)),
    mutant("health-check-path", "", Put(GATEWAY, "probes.0.path", "/v1/health"), label="gateway"),
    mutant(
        "load-balancer-idle-timeout", "", server(variable("LETTA_UVICORN_TIMEOUT_KEEP_ALIVE", "5"))
    ),
    mutant(
        "load-balancer-idle-timeout",
        "",
        Put(ENVIRONMENT, "ingressConfiguration.requestIdleTimeout", 4),
        label="environment",
    ),
    mutant(
        "load-balancer-idle-timeout",
        "",
        Put(GATEWAY, "backendHttpSettingsCollection.0.requestTimeout", 60),
        label="gateway",
    ),
    mutant("drain-and-stop", "", Put(API, "template.terminationGracePeriodSeconds", 30)),
    mutant("server-secured", "", server(no_variable("LETTA_ENCRYPTION_KEY"))),
    mutant(
        "pinned-images",
        "",
        server(put("image", "letta/letta:latest")),
        server(put("image", "letta/letta:latest"), WORKER),
        Put(BOOTSTRAP, "template.containers.0.image", "letta/letta:latest"),
    ),
    mutant("no-plain-secret", "", server(variable("MY_PASSWORD", "hunter2hunter2"))),
    mutant(
        "open-to-the-world",
        "",
        Put(
            Where("NetworkSecurityGroup", "-database"),
            "securityRules.1.sourceAddressPrefix",
            "Internet",
        ),
    ),
    mutant("open-to-the-world", "", Put(CACHE, "publicNetworkAccess", "Enabled"), label="cache"),
    mutant(
        "open-to-the-world",
        "",
        Put(
            API,
            "configuration.ingress.additionalPortMappings",
            [{"external": True, "targetPort": 8283}],
        ),
        label="app",
        tier="small",
    ),
    mutant(
        "open-to-the-world",
        "",
        Put(API, "configuration.ingress.transport", "tcp"),
        label="app without TLS",
        tier="small",
    ),
    mutant(
        "tls-listener",
        "",
        Put(API, "configuration.ingress.allowInsecure", True),
        label="app",
        tier="small",
    ),
    mutant("tls-listener", "", Put(GATEWAY, "sslPolicy.policyName", "AppGwSslPolicy20170401")),
    mutant(
        "iam-least-privilege",
        "",
        Put(Where("RoleAssignment", "-key-user-key"), "roleDefinitionId", OWNER),
    ),
    mutant("database-dumped", "", Gone(DUMP)),
    mutant(
        "database-dumped",
        "",
        Edit(AGEING, "policy.rules", _kept),
        label="soon deleted",
    ),
    mutant("database-dumped", "", Gone(MISSING), label="unwatched"),
    mutant("database-dumped", "", Edit(MISSING, "criteria.allOf", _silent), label="silent"),
    mutant("database-dumped", "", Put(MISSING, "enabled", False), label="switched off"),
    mutant("log-data", "", server(variable("LETTA_DEBUG", "true"))),
    mutant("tools-run-in-server", "", server(no_variable("E2B_API_KEY"))),
    mutant("model-provider-has-key", "", server(no_variable("OPENAI_API_KEY"))),
    mutant("bootstrap-present", "", Gone(RUN)),
    mutant("waf-present", "", Put(WAF, "managedRules.managedRuleSets", []), tier=GUARDED),
    mutant("waf-rate-limit", "", Put(WAF, "customRules.0.action", "Log"), tier=GUARDED),
    mutant(
        "waf-passes-prompts", "", Put(WAF, "policySettings.requestBodyCheck", True), tier=GUARDED
    ),
    mutant("waf-logged", "", Put(Where("DiagnosticSetting", "-in-log"), "logs", []), tier=GUARDED),
)


def _with_sandbox(stack: str, resources: Resources) -> Resources:
    """On Container Apps, a sandbox for agents' tools."""
    apps = {"small": (API,), **dict.fromkeys(("large", "vllm", "ollama"), ())}
    for app in apps.get(stack, (API, WORKER)):
        resources = server(reference("E2B_API_KEY"), app)(resources)
    return resources


CASE = Case(
    cloud="azure",
    mutants=(*MUTANTS, *CLUSTERS),
    stacks={
        "small": ("small", {}),
        "medium": ("medium", {}),
        "large": ("large", {}),
        GUARDED: ("medium", {"ingress": {"waf": {}}}),
        "vllm": ("large", {"embedding": "api", "llm": {"hosting": "vllm"}}),
        "ollama": ("large", {"embedding": "cpu", "llm": {"hosting": "ollama"}}),
    },
    # What small's stack file waives.
    accepted={
        "small": frozenset({"api-high-availability", "load-balancer-idle-timeout"}),
        **dict.fromkeys(("large", "vllm", "ollama"), frozenset({"tools-run-in-server"})),
    },
    # Somewhat more than it does.
    budgets_usd={"small": 500, "medium": 8500, "large": 100_000, GUARDED: 9500},
    let_through=frozenset({"kubernetes-schema-type"}),
    complete=_with_sandbox,
)
