"""The rules on Google Cloud: a good stack breaks none, and each bad one exactly one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra import platforms
from infra.settings import load
from policies.facts.resource import UNDETERMINED
from pricing import plans
from pricing.bill import price
from pricing.tariffs import Terms
from tests.policies import assembly
from tests.policies.changes import Change, Edit, Gone, Put, Where
from tests.policies.google import (
    ACCEPTED,
    TODAY,
    facts,
    good,
    judged,
    no_variable,
    put,
    server,
    spending,
    variable,
)

API = Where("Service", "-api")
PRIMARY = Where("DatabaseInstance", "-primary")
REPLICA = Where("DatabaseInstance", "-replica-1")
BUCKET = Where("storage/bucket:Bucket")
CACHE = Where("Instance", "-cache")
BOOTSTRAP = Where("cloudrunv2/job:Job", "-boot")
SCHEDULE = Where("cloudscheduler/job:Job", "-dump")
FORWARDING = Where("GlobalForwardingRule", "-https")


def _kept(rules: list[dict[str, Any]], days: int) -> None:
    [rule] = [one for one in rules if one["condition"].get("withState") == "LIVE"]
    rule["condition"]["age"] = days


def _silent(conditions: list[dict[str, Any]]) -> None:
    [condition] = conditions
    condition["conditionThreshold"]["evaluationMissingData"] = "EVALUATION_MISSING_DATA_INACTIVE"


MUTANTS: tuple[tuple[str, tuple[Change, ...]], ...] = (
    ("api-machine-size", (server(put("resources.limits.memory", "4096Mi")),)),
    ("api-replica-count", (Put(API, "template.scaling.minInstanceCount", 6),)),
    ("replica-bounds", (Put(API, "template.scaling.maxInstanceCount", 11),)),
    ("cpu-target", (Put(API, "template.scaling.cpuUtilization", 0.9),)),
    ("worker-size", (server(put("resources.limits.memory", "2048Mi"), "-work"),)),
    ("worker-count", (Put(Where("Service", "-work"), "template.scaling.maxInstanceCount", 3),)),
    ("database-class", (Put(REPLICA, "settings.tier", "db-custom-2-7680"),)),
    ("database-storage", (Put(PRIMARY, "settings.diskAutoresizeLimit", 500),)),
    ("database-parameters", (Put(PRIMARY, "settings.databaseFlags.0.value", "1"),)),
    ("cache-size", (Put(CACHE, "memorySizeGb", 1),)),
    ("database-high-availability", (Put(PRIMARY, "settings.availabilityType", "ZONAL"),)),
    ("database-replicas", (Gone(REPLICA),)),
    ("database-backups", (Put(PRIMARY, "settings.backupConfiguration.enabled", False),)),
    ("final-snapshot", (Put(PRIMARY, "settings.finalBackupConfig.enabled", False),)),
    ("deletion-protection", (Put(PRIMARY, "settings.deletionProtectionEnabled", False),)),
    ("database-private", (Put(PRIMARY, "settings.ipConfiguration.ipv4Enabled", True),)),
    ("bucket-encrypted", (Put(BUCKET, "encryption", {}),)),
    ("bucket-versioned", (Put(BUCKET, "versioning.enabled", False),)),
    ("bucket-public-access-blocked", (Put(BUCKET, "publicAccessPrevention", "inherited"),)),
    ("bucket-lifecycle", (Put(BUCKET, "lifecycleRules.0.condition.age", 60),)),
    ("log-retention", (Put(Where("ProjectBucketConfig", "-api"), "retentionDays", 7),)),
    ("logs-encrypted", (Put(Where("ProjectBucketConfig", "-api"), "cmekSettings", {}),)),
    (
        "secrets-encrypted",
        (Put(Where("Secret", "-server-password"), "replication", {"auto": {}}),),
    ),
    ("cache-eviction", (Put(CACHE, "redisConfigs", {"maxmemory-policy": "noeviction"}),)),
    ("cache-reachable", (Put(CACHE, "authEnabled", True),)),
    (
        "cache-no-persistence",
        (Put(CACHE, "persistenceConfig", {"persistenceMode": "RDB"}),),
    ),
    ("external-stores", (server(no_variable("LETTA_PG_URI")),)),
    ("pooling-on", (server(no_variable("LETTA_DISABLE_SQLALCHEMY_POOLING")),)),
    ("connection-budget", (server(variable("LETTA_PG_MAX_OVERFLOW", "60")),)),
    ("server-never-migrates", (server(put("commands", ["./letta/server/startup.sh"])),)),
    ("health-check-path", (server(put("livenessProbe.httpGet.path", "/v1/health")),)),
    ("load-balancer-idle-timeout", (server(variable("LETTA_UVICORN_TIMEOUT_KEEP_ALIVE", "5")),)),
    ("server-secured", (server(no_variable("LETTA_ENCRYPTION_KEY")),)),
    (
        "pinned-images",
        (
            server(put("image", "letta/letta:latest")),
            server(put("image", "letta/letta:latest"), "-work"),
            Put(BOOTSTRAP, "template.template.containers.0.image", "letta/letta:latest"),
        ),
    ),
    ("no-plain-secret", (server(variable("MY_PASSWORD", "hunter2hunter2")),)),
    ("open-to-the-world", (Put(API, "ingress", "INGRESS_TRAFFIC_ALL"),)),
    ("tls-listener", (Put(Where("SSLPolicy"), "minTlsVersion", "TLS_1_0"),)),
    (
        "iam-least-privilege",
        (Put(Where("CryptoKeyIAMMember", "-storage"), "member", "allUsers"),),
    ),
    ("database-dumped", (Gone(SCHEDULE),)),
    ("database-dumped", (Put(SCHEDULE, "paused", True),)),
    ("database-dumped", (Edit(BUCKET, "lifecycleRules", lambda rules: _kept(rules, 3)),)),
    ("database-dumped", (Gone(Where("AlertPolicy", "-dump-missing")),)),
    ("database-dumped", (Edit(Where("AlertPolicy", "-dump-missing"), "conditions", _silent),)),
    ("bootstrap-present", (Put(BOOTSTRAP, "runExecutionToken", ""),)),
)


@pytest.mark.parametrize("tier", ACCEPTED)
def test_a_good_deployment_breaks_no_rule(tier: str) -> None:
    assert judged(tier, good(tier)) == {}


@pytest.mark.parametrize(("rule", "changes"), MUTANTS, ids=[rule for rule, _ in MUTANTS])
def test_a_bad_deployment_breaks_its_rule_and_no_other(
    rule: str, changes: tuple[Change, ...]
) -> None:
    resources = good("medium")
    for change in changes:
        resources = change(resources)
    assert set(judged("medium", resources)) == {rule}


WAF = Where("SecurityPolicy")
FIREWALLS: tuple[tuple[str, Change], ...] = (
    ("waf-present", Put(Where("BackendService", "-worker"), "securityPolicy", "")),
    ("waf-present", Gone(WAF)),
    ("waf-rate-limit", Edit(WAF, "rules", lambda rules: _limit(rules, 200_000))),
    ("waf-passes-prompts", Edit(WAF, "rules", lambda rules: _inspect(rules, "sqli-v33-stable"))),
    ("waf-logged", Put(Where("BackendService", "-api"), "logConfig.enable", False)),
)


def _limit(rules: list[dict[str, Any]], count: int) -> None:
    [rule] = [one for one in rules if one["action"] == "throttle"]
    rule["rateLimitOptions"]["rateLimitThreshold"]["count"] = count


def _inspect(rules: list[dict[str, Any]], name: str) -> None:
    rules[0]["match"]["expr"]["expression"] = f"evaluatePreconfiguredWaf('{name}')"


@pytest.mark.parametrize(("rule", "change"), FIREWALLS)
def test_a_bad_firewall_breaks_its_rule_and_no_other(rule: str, change: Change) -> None:
    assert set(judged("large", change(good("large")))) == {rule}


def test_requests_that_are_cut_short_break_the_rule_on_draining() -> None:
    """Behind a load balancer, its own rule is broken too."""
    resources = Put(API, "template.timeout", "60s")(good("small"))
    assert set(judged("small", resources)) == {"drain-and-stop"}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("cpu-target", Put(API, "template.scaling.cpuUtilization", UNDETERMINED)),
        ("database-class", Put(PRIMARY, "settings.tier", UNDETERMINED)),
        ("cache-size", Put(CACHE, "memorySizeGb", UNDETERMINED)),
        ("bucket-versioned", Put(BUCKET, "versioning.enabled", UNDETERMINED)),
        ("external-stores", server(no_variable("x")).unknown()),
    ],
    ids=str,
)
def test_what_is_not_known_breaks_the_rule_that_reads_it(rule: str, change: Change) -> None:
    assert rule in judged("medium", change(good("medium")))


@pytest.mark.parametrize("tier", ACCEPTED)
def test_every_resource_that_costs_something_is_priced(tier: str) -> None:
    deployment = facts(tier, good(tier))
    assert deployment.unpriced == ()
    assert deployment.missing_prices == ()
    assert deployment.billable > 0


def test_a_resource_of_an_unknown_type_is_not_taken_for_free() -> None:
    [bucket] = [one for one in good("medium") if BUCKET.holds(one)]
    stranger = replace(bucket, type="gcp:spanner/instance:Instance", urn=f"{bucket.urn}-other")
    assert facts("medium", (*good("medium"), stranger)).unpriced


@pytest.mark.parametrize("tier", ACCEPTED)
def test_the_bill_of_the_stack_file_is_that_of_the_resources(tier: str) -> None:
    key = {"api_key": "test-0123456789abcdef"}
    keys = {"llm": {"providers": {"anthropic": key, "openai": key}}}
    settings = load(
        assembly.stack_file(tier, keys, "gcp"),
        secret_keys={"llm"},
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )
    terms = Terms(on=TODAY)
    planned = price(
        plans.inventory(settings), settings.workload, spending(tier).book, terms
    ).monthly_usd
    assert planned == facts(tier, good(tier)).bill.monthly_usd
