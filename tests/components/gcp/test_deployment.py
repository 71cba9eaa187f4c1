"""What small and medium on Google Cloud are made of."""

from __future__ import annotations

import pytest

from components.gcp import catalog
from tests.components.aws.mock_cloud import UNKNOWN, Registered
from tests.components.gcp.deployment import deployed

TIERS = ("small", "medium")
SERVICE = ":Service"
every_tier = pytest.mark.parametrize("tier", TIERS)


@every_tier
def test_what_sizes_a_server_is_known_before_anything_exists(tier: str) -> None:
    for service in deployed(tier, preview=True).all(SERVICE):
        template = service.inputs["template"]
        assert UNKNOWN not in str(template["scaling"])
        for container in template["containers"]:
            assert UNKNOWN not in str(container["resources"])
            plain = [env for env in container.get("envs", ()) if "valueSource" not in env]
            assert UNKNOWN not in str(plain)


@every_tier
def test_no_secret_is_handed_over_in_plain_text(tier: str) -> None:
    result = deployed(tier)
    for version in result.all(":SecretVersion"):
        if not version.name.endswith("-host"):
            assert "secretData" in version.secrets, version.name
    assert all("password" in user.secrets for user in result.all("sql/user:User"))
    for service in result.all(SERVICE):
        assert not service.secrets


def test_a_replica_takes_as_many_connections_as_a_primary_that_grows_before_it() -> None:
    """PostgreSQL's replica stops replaying when its primary accepts more than it does itself."""

    def accepted(name: str) -> int:
        [value] = [
            int(flag["value"])
            for flag in _database("medium", name).inputs["settings"]["databaseFlags"]
            if flag["name"] == "max_connections"
        ]
        return value

    largest = max(catalog.max_connections(f"db-custom-{vcpus}-{vcpus * 6656}") for vcpus in (8, 96))
    assert accepted("letta-test-db-primary") < largest
    assert accepted("letta-test-db-replica-1") == largest


def _database(tier: str, name: str = "letta-test-db-primary") -> Registered:
    return deployed(tier).one(":DatabaseInstance", name)


@every_tier
def test_the_database_comes_after_the_peering_and_is_never_replaced(tier: str) -> None:
    database = _database(tier)
    assert "Connection letta-test-net-services" in database.depends_on
    assert database.protect
    assert not database.ignore_changes, "a larger disk in the stack file must be seen"


def test_a_replica_may_be_taken_away_by_the_stack_file() -> None:
    replica = _database("medium", "letta-test-db-replica-1")
    assert not replica.protect
    assert replica.inputs["deletionProtection"] is False
    assert replica.inputs["settings"]["deletionProtectionEnabled"] is False


def test_the_database_is_of_the_size_and_edition_that_the_requirements_name() -> None:
    settings = _database("medium").inputs["settings"]
    assert settings["tier"] == "db-custom-4-15360"
    assert settings["edition"] == "ENTERPRISE"
    assert settings["availabilityType"] == "REGIONAL"
    assert settings["diskAutoresizeLimit"] == 1000
    assert settings["ipConfiguration"]["ipv4Enabled"] is False
    assert settings["insightsConfig"]["queryInsightsEnabled"] is True
    replica = _database("medium", "letta-test-db-replica-1").inputs["settings"]
    assert replica["availabilityType"] == "ZONAL"
    assert "backupConfiguration" not in replica


def test_recovery_reaches_as_far_back_as_the_edition_lets_it() -> None:
    backup = _database("medium").inputs["settings"]["backupConfiguration"]
    assert backup["transactionLogRetentionDays"] == 7
    assert backup["backupRetentionSettings"]["retainedBackups"] == 14


def test_the_users_of_the_database_outlive_what_they_own() -> None:
    assert deployed("medium").one("sql/user:User").inputs["deletionPolicy"] == "ABANDON"


def test_redis_answers_plainly_and_only_inside_the_network() -> None:
    cache = deployed("medium").one("redis/instance:Instance")
    assert cache.inputs["authEnabled"] is False
    assert cache.inputs["transitEncryptionMode"] == "DISABLED"
    assert cache.inputs["connectMode"] == "PRIVATE_SERVICE_ACCESS"
    assert cache.inputs["redisConfigs"] == {"maxmemory-policy": "allkeys-lru"}
    assert "Connection letta-test-net-services" in cache.depends_on


def test_objects_grow_cheaper_with_age() -> None:
    rules = deployed("medium").one("storage/bucket:Bucket").inputs["lifecycleRules"]
    moves = {
        rule["action"]["storageClass"]: rule["condition"]["age"]
        for rule in rules
        if rule["action"]["type"] == "SetStorageClass"
    }
    assert moves == {"NEARLINE": 30, "COLDLINE": 90}


@every_tier
def test_a_server_works_between_requests_and_for_an_hour(tier: str) -> None:
    for service in deployed(tier).all(SERVICE):
        template = service.inputs["template"]
        assert template["timeout"] == "3600s"
        assert template["vpcAccess"]["networkInterfaces"]
        assert all(one["resources"]["cpuIdle"] is False for one in template["containers"])
        assert service.inputs["deletionProtection"] is False


@every_tier
def test_a_copy_has_a_size_that_cloud_run_has(tier: str) -> None:
    for service in deployed(tier).all(SERVICE):
        limits = [one["resources"]["limits"] for one in service.inputs["template"]["containers"]]
        vcpus = sum(float(each["cpu"]) for each in limits)
        memory = sum(int(each["memory"].removesuffix("Mi")) for each in limits)
        assert catalog.serverless_size_valid(vcpus, memory)


@every_tier
def test_servers_start_after_the_bootstrap_has_ended_well(tier: str) -> None:
    result = deployed(tier)
    job = result.one("cloudrunv2/job:Job", "letta-test-boot")
    assert len(job.inputs["name"] + job.inputs["runExecutionToken"]) < 63
    for service in result.all(SERVICE):
        assert "Job letta-test-boot" in service.depends_on


def test_a_new_value_of_a_secret_is_another_run_and_another_revision() -> None:
    service = deployed("medium").one(SERVICE, "letta-test-api")
    [server] = service.inputs["template"]["containers"]
    versions = {
        env["name"]: env["valueSource"]["secretKeyRef"]["version"]
        for env in server["envs"]
        if "valueSource" in env
    }
    assert versions["LETTA_PG_URI"] == "1"


def test_only_the_load_balancer_reaches_the_servers_of_medium() -> None:
    for service in deployed("medium").all(SERVICE):
        assert service.inputs["ingress"] == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
        assert service.inputs["defaultUriDisabled"] is True


def test_long_work_goes_to_the_worker_and_all_else_to_the_api() -> None:
    [matcher] = deployed("medium").one(":URLMap", "letta-test-in").inputs["pathMatchers"]
    [rule] = matcher["routeRules"]
    assert "in-worker" in rule["service"]
    assert "in-api" in matcher["defaultService"]
    assert {one["pathTemplateMatch"] for one in rule["matchRules"]} >= {
        "/v1/agents/*/messages/async"
    }


def test_without_a_worker_there_is_one_route() -> None:
    result = deployed("medium", worker={"enabled": False})
    assert "pathMatchers" not in result.one(":URLMap", "letta-test-in").inputs
    assert len(result.all(":BackendService")) == 1


def test_a_given_certificate_map_is_used_as_it_is() -> None:
    path = "projects/my-project/locations/global/certificateMaps/mine"
    result = deployed("medium", ingress={"domain": "letta.example.com", "certificate": path})
    proxy = result.one(":TargetHttpsProxy").inputs
    assert proxy["certificateMap"] == f"//certificatemanager.googleapis.com/{path}"
    assert not result.all(":RecordSet")


def test_callers_are_narrowed_down_where_the_stack_file_says_so() -> None:
    result = deployed(
        "medium",
        ingress={
            "domain": "letta.example.com",
            "hosted_zone": "example.com",
            "allowed_cidrs": ["198.51.100.0/24"],
        },
    )
    rules = result.one(":SecurityPolicy").inputs["rules"]
    assert [rule["action"] for rule in rules] == ["allow", "deny(403)"]
    assert rules[0]["match"]["config"]["srcIpRanges"] == ["198.51.100.0/24"]
    assert not deployed("medium").all(":SecurityPolicy")


def test_the_firewall_inspects_before_it_admits() -> None:
    result = deployed(
        "medium",
        ingress={"domain": "letta.example.com", "hosted_zone": "example.com", "waf": {}},
    )
    rules = result.one(":SecurityPolicy").inputs["rules"]
    priorities = [rule["priority"] for rule in rules]
    assert priorities == sorted(priorities)
    [throttle] = [rule for rule in rules if rule["action"] == "throttle"]
    assert throttle["rateLimitOptions"]["rateLimitThreshold"] == {
        "count": 2000,
        "intervalSec": 300,
    }
    assert rules.index(throttle) == len(rules) - 2


def test_small_has_its_domain_mapped_and_redis_beside_the_server() -> None:
    result = deployed("small")
    assert result.one(":DomainMapping").inputs["name"] == "letta.example.com"
    record = result.one(":RecordSet")
    assert (record.inputs["type"], record.inputs["managedZone"]) == ("CNAME", "example-com")
    names = [one["name"] for one in result.one(SERVICE).inputs["template"]["containers"]]
    assert names == ["server", "redis"]
    assert not result.all(":RouterNat")


def test_a_dead_letter_may_pass() -> None:
    result = deployed("medium")
    agent = "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    assert result.one(":TopicIAMMember").inputs["member"] == agent
    assert result.one(":SubscriptionIAMMember").inputs["member"] == agent
    for subscription in result.all(":Subscription"):
        assert subscription.inputs["expirationPolicy"] == {"ttl": ""}


def test_an_account_reads_what_its_containers_refer_to_and_nothing_else() -> None:
    result = deployed("medium")
    granted = [one.name for one in result.all(":SecretIamMember") if "-boot-" in one.name]
    assert sorted(granted) == [
        "letta-test-boot-bootstrap-admin-uri",
        "letta-test-boot-letta-encryption-key",
        "letta-test-boot-letta-pg-uri",
        "letta-test-boot-letta-redis-host",
    ]
    assert not any(
        "admin-uri" in one.name
        for one in result.all(":SecretIamMember")
        if "-boot-" not in one.name
    )


def test_alarms_tell_every_address_and_the_budget_too() -> None:
    result = deployed(
        "medium", monitoring={"alarm_emails": ["a@example.com", "b@example.com"]}, budget=5000
    )
    for policy in result.all(":AlertPolicy"):
        assert len(policy.inputs["notificationChannels"]) == 2
    told = result.one(":Budget").inputs["allUpdatesRule"]["monitoringNotificationChannels"]
    assert len(told) == 2


def test_large_runs_on_cloud_run_with_a_firewall_and_two_replicas() -> None:
    result = deployed(
        "large",
        api={"compute": "cloud_run", "replicas": 5, "min_replicas": 5},
        worker={"compute": "cloud_run", "replicas": 2},
        embedding="api",
    )
    assert len(result.all(":DatabaseInstance")) == 3
    assert result.one("redis/instance:Instance").inputs["tier"] == "STANDARD_HA"
    policy = result.one(":SecurityPolicy")
    for backend in result.all(":BackendService"):
        assert policy.name in backend.inputs["securityPolicy"]
    for service in result.all(SERVICE):
        [server] = service.inputs["template"]["containers"]
        assert server["resources"]["limits"] == {"cpu": "8", "memory": "32768Mi"}


def test_the_database_has_the_labels_that_no_provider_gives_it() -> None:
    assert _database("medium").inputs["settings"]["userLabels"] == {
        "letta-stack": "test",
        "letta-tier": "medium",
        "letta-managed-by": "pulumi",
    }


def test_the_firewall_lets_every_method_of_the_api_pass() -> None:
    result = deployed(
        "medium",
        ingress={"domain": "letta.example.com", "hosted_zone": "example.com", "waf": {}},
    )
    policy = result.one(":SecurityPolicy").inputs
    assert not [rule for rule in policy["rules"] if "methodenforcement" in str(rule)]


def test_a_copy_may_have_more_calls_open_to_one_model_provider_than_it_takes_requests() -> None:
    result = deployed("medium")
    way_out = result.one(":RouterNat").inputs
    most = result.one(SERVICE, "letta-test-api").inputs["template"]["maxInstanceRequestConcurrency"]
    assert way_out["minPortsPerVm"] > most
    assert way_out["enableDynamicPortAllocation"]
    assert not way_out["enableEndpointIndependentMapping"]


def test_a_run_that_failed_is_followed_by_another_of_the_same_name() -> None:
    assert deployed("medium").one(":Job", "letta-test-boot").delete_before_replace
