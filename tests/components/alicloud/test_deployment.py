"""What the tiers on Alibaba Cloud are made of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.packages import package
from tests.components.alicloud.deployment import INGRESS, deployed
from tests.components.aws.mock_cloud import UNKNOWN, Registered

TIERS = ("small", "medium", "large")
every_tier = pytest.mark.parametrize("tier", TIERS)
EMAILS = {"alarm_emails": ["a@example.com", "b@example.com"]}


def _one(tier: str, kind: str, name: str = "", **values: Any) -> dict[str, Any]:  # noqa: ANN401
    found = deployed(tier, **values).one(kind, *([name] if name else []))
    return dict(found.inputs)


def _database(tier: str) -> Registered:
    return deployed(tier).one("rds/instance:Instance")


@every_tier
def test_no_secret_is_handed_over_in_plain_text(tier: str) -> None:
    result = deployed(tier)
    assert "accountPassword" in result.one("rds/account:Account").secrets
    for secret in result.all("core/v1:Secret"):
        assert "stringData" in secret.secrets, secret.name
    for one in result.resources:
        for hidden in one.hidden:
            assert hidden not in one.shown, one.name


@every_tier
def test_what_must_be_unique_ends_in_digits_that_are_known_at_preview(tier: str) -> None:
    result = deployed(tier, preview=True)
    for kind, property_ in (
        ("oss/bucket:Bucket", "bucket"),
        ("ram/role:Role", "roleName"),
        ("ram/user:User", "name"),
        ("kms/alias:Alias", "aliasName"),
    ):
        for one in result.all(kind):
            assert UNKNOWN not in one.inputs[property_]
            assert len(one.inputs[property_].rpartition("-")[2]) == 7
    other = deployed(tier, stack="other").one("oss/bucket:Bucket").inputs["bucket"]
    assert other.rpartition("-")[2] not in result.one("oss/bucket:Bucket").inputs["bucket"]


@every_tier
def test_what_can_have_tags_has_those_of_the_stack(tier: str) -> None:
    tags = {"letta:stack": "test", "letta:tier": tier, "letta:managed-by": "pulumi"}
    untagged = {
        one.type
        for one in deployed(tier).resources
        if one.type.startswith("alicloud:") and one.inputs.get("tags") != tags
    }
    assert not untagged & {
        "alicloud:alb/loadBalancer:LoadBalancer",
        "alicloud:cs/managedKubernetes:ManagedKubernetes",
        "alicloud:cs/nodePool:NodePool",
        "alicloud:kms/key:Key",
        "alicloud:kvstore/instance:Instance",
        "alicloud:oss/bucket:Bucket",
        "alicloud:rds/instance:Instance",
        "alicloud:rds/readOnlyInstance:ReadOnlyInstance",
        "alicloud:vpc/network:Network",
        "alicloud:message/serviceQueue:ServiceQueue",
    }


@every_tier
def test_the_database_has_a_standby_in_a_second_zone_and_is_never_replaced(tier: str) -> None:
    database = _database(tier)
    inputs = database.inputs
    assert database.protect
    assert inputs["deletionProtection"] is True
    assert inputs["category"] == "HighAvailability"
    assert inputs["zoneId"] != inputs["zoneIdSlaveA"]
    assert len(inputs["vswitchId"].split(",")) == 2


@every_tier
def test_a_database_that_shares_its_machine_is_encrypted_with_the_key_of_the_service(
    tier: str,
) -> None:
    assert _database(tier).inputs["encryptionKey"] == "ServiceKey"


def test_a_database_on_a_machine_of_its_own_is_encrypted_with_the_stacks_key() -> None:
    database = _one("medium", "rds/instance:Instance", database={"instance_type": "pg.x2.large.2c"})
    assert database["encryptionKey"] not in ("ServiceKey", None)


def test_what_could_not_change_later_is_the_same_in_every_tier() -> None:
    fixed = ("zoneId", "zoneIdSlaveA", "vswitchId", "category", "dbInstanceStorageType")
    [first, *others] = [[_database(tier).inputs[each] for each in fixed] for tier in TIERS]
    assert all(other == first for other in others)
    [first, *others] = [_one(tier, ":ManagedKubernetes")["podVswitchIds"] for tier in TIERS]
    assert all(other == first for other in others)


def test_servers_are_told_that_callers_speak_tls() -> None:
    told = deployed("small").one("alb/listener:Listener", "letta-test-in-https").inputs
    assert told["xForwardedForConfig"] == {
        "xForwardedForEnabled": True,
        "xForwardedForProtoEnabled": True,
    }


def test_what_is_read_into_the_bucket_is_left_to_what_sets_it() -> None:
    bucket = deployed("small").one("oss/bucket:Bucket")
    table = package("alicloud").resource(bucket.type).table
    assert sorted(bucket.ignore_changes) == sorted(table.read_back)


def test_backups_and_logs_of_the_database_are_kept_as_long_as_asked() -> None:
    policy = _one("medium", ":BackupPolicy")
    assert policy["backupRetentionPeriod"] == policy["logBackupRetentionPeriod"] == 14
    assert policy["enableBackupLog"] is True
    assert len(policy["preferredBackupPeriods"]) == 7


@every_tier
def test_a_password_has_three_kinds_of_characters_and_none_that_a_uri_escapes(tier: str) -> None:
    for password in deployed(tier).all(":RandomPassword"):
        assert password.inputs["special"] is False
        if "-db-" in password.name:
            assert password.inputs["length"] <= 32
            for kind in ("minLower", "minUpper", "minNumeric"):
                assert password.inputs[kind] == 1


@every_tier
def test_stores_admit_machines_and_pods_of_the_stack_and_nobody_else(tier: str) -> None:
    result = deployed(tier)
    inside = {
        one.inputs["cidrBlock"]
        for one in result.all("vpc/switch:Switch")
        if "-stores-" not in one.name
    }
    for kind in ("rds/instance:Instance", "kvstore/instance:Instance", ":ReadOnlyInstance"):
        for store in result.all(kind):
            assert set(store.inputs["securityIps"]) == inside


def test_redis_answers_plainly_and_only_inside_the_network() -> None:
    cache = _one("medium", "kvstore/instance:Instance")
    assert cache["vpcAuthMode"] == "Close"
    assert "sslEnable" not in cache
    assert "password" not in cache
    assert cache["zoneId"] != cache["secondaryZoneId"]
    assert cache["config"]["maxmemory-policy"] == "allkeys-lru"
    assert cache["paymentType"] == "PostPaid"


def test_small_has_one_redis_pod_and_no_queue() -> None:
    result = deployed("small")
    assert not result.all("kvstore/instance:Instance")
    assert not result.all(":ServiceQueue")
    [redis] = [one for one in result.all("apps/v1:Deployment") if one.name.endswith("-cache")]
    assert redis.inputs["spec"]["replicas"] == 1


@every_tier
def test_nobody_outside_reaches_the_control_plane_and_its_secrets_are_encrypted(tier: str) -> None:
    cluster = _one(tier, ":ManagedKubernetes")
    assert cluster["slbInternetEnabled"] is False
    assert cluster["clusterSpec"] == "ack.pro.small"
    assert cluster["disableEncryption"] is False
    assert cluster["encryptionProviderKey"]
    assert cluster["newNatGateway"] is False
    assert cluster["skipSetCertificateAuthority"] is True
    assert cluster["version"] == "1.35.10-aliyun.1", "by number, not by letter"
    config = json.loads(deployed(tier).one("pulumi:providers:kubernetes").inputs["kubeconfig"])
    assert set(config["users"][0]["user"]) == {"exec"}


@every_tier
def test_machines_ask_for_a_token_and_have_encrypted_disks(tier: str) -> None:
    for pool in deployed(tier).all(":NodePool"):
        assert pool.inputs["instanceMetadataOptions"] == {"httpTokens": "required"}
        assert pool.inputs["systemDiskEncrypted"] is True
        assert pool.inputs["scalingConfig"]["enable"] is True
        assert "desiredSize" not in pool.inputs


@every_tier
def test_pods_do_not_reach_the_metadata_of_their_machine(tier: str) -> None:
    for policy in deployed(tier).all(":NetworkPolicy"):
        for rule in policy.inputs["spec"].get("egress", ()):
            for peer in rule.get("to", ()):
                block = peer.get("ipBlock", {})
                if block.get("cidr") == "0.0.0.0/0":
                    assert "100.100.100.200/32" in block["except"]


@every_tier
def test_every_vswitch_of_machines_and_pods_has_a_way_out(tier: str) -> None:
    result = deployed(tier)
    switches = [one for one in result.all("vpc/switch:Switch") if "-stores-" not in one.name]
    entries = result.all(":SnatEntry")
    assert len(entries) == len(switches) == 6
    for entry in entries:
        assert "EipAssociation letta-test-net-nat" in entry.depends_on


@every_tier
def test_the_load_balancer_calls_the_port_at_which_pods_are_found(tier: str) -> None:
    result = deployed(tier)
    for attachment in result.all(":AlbServerGroupAttachment"):
        [service] = [one for one in result.all("core/v1:Service") if one.name == attachment.name]
        spec = service.inputs["spec"]
        assert spec["type"] == "NodePort"
        assert spec["externalTrafficPolicy"] == "Local"
        assert spec["ports"][0]["nodePort"] == attachment.inputs["port"]
        [deployment] = [
            one for one in result.all("apps/v1:Deployment") if one.name == attachment.name
        ]
        assert f"AlbServerGroupAttachment {attachment.name}" in deployment.depends_on


@every_tier
def test_silence_of_ten_minutes_is_borne_and_nothing_is_compressed(tier: str) -> None:
    https = deployed(tier).one("alb/listener:Listener", "letta-test-in-https").inputs
    assert (https["idleTimeout"], https["requestTimeout"]) == (600, 600)
    assert https["gzipEnabled"] is False
    assert https["securityPolicyId"] == "tls_cipher_policy_1_2_strict_with_1_3"
    for group in deployed(tier).all(":ServerGroup"):
        assert group.inputs["healthCheckConfig"]["healthCheckPath"] == "/v1/health/"
        assert group.inputs["connectionDrainConfig"]["connectionDrainTimeout"] == 600


def test_long_work_goes_to_the_worker_and_plain_http_to_https() -> None:
    result = deployed("medium")
    rule = result.one("alb/rule:Rule", "letta-test-in-worker-1").inputs
    [condition] = rule["ruleConditions"]
    assert "/v1/agents/*/messages/async" in condition["pathConfig"]["values"]
    redirect = result.one("alb/rule:Rule", "letta-test-in-http").inputs
    assert redirect["ruleActions"][0]["redirectConfig"]["protocol"] == "HTTPS"
    assert len(deployed("medium", worker={"enabled": False}).all(":ServerGroup")) == 1


def test_callers_are_narrowed_down_where_the_stack_file_says_so() -> None:
    result = deployed("medium", ingress={**INGRESS, "allowed_cidrs": ["198.51.100.0/24"]})
    assert len(result.all(":ListenerAclAttachment")) == 2
    for one in result.all(":AclEntryAttachment"):
        assert [each["entry"] for each in one.inputs["entries"]] == ["198.51.100.0/24"]
    assert not deployed("medium").all("alb/acl:Acl")


@every_tier
def test_the_bucket_is_private_versioned_encrypted_and_by_tls_alone(tier: str) -> None:
    result = deployed(tier)
    assert result.one(":BucketAcl").inputs["acl"] == "private"
    assert result.one(":BucketPublicAccessBlock").inputs["blockPublicAccess"] is True
    assert result.one(":BucketVersioning").inputs["status"] == "Enabled"
    assert result.one(":BucketServerSideEncryption").inputs["sseAlgorithm"] == "KMS"
    assert result.one(":BucketHttpsConfig").inputs["tlsVersions"] == ["TLSv1.2", "TLSv1.3"]
    [ageing, dumps] = result.one("oss/bucket:Bucket").inputs["lifecycleRules"]
    moves = {each["storageClass"]: each["days"] for each in ageing["transitions"]}
    assert moves == {"IA": 30, "Archive": 90}
    assert dumps["prefix"] == "database/"
    assert dumps["expirations"] == [{"days": 30}]
    assert dumps["noncurrentVersionExpirations"] == [{"days": 7}]


@every_tier
def test_what_resources_of_their_own_set_of_a_bucket_is_left_to_them(tier: str) -> None:
    bucket = deployed(tier).one("oss/bucket:Bucket")
    assert set(bucket.ignore_changes) == {"policy", "serverSideEncryptionRule", "versioning"}


@every_tier
def test_logs_are_kept_as_long_as_asked_and_encrypted_with_the_stacks_key(tier: str) -> None:
    stores = deployed(tier).all("log/store:Store")
    assert {one.inputs["logstoreName"] for one in stores} >= {"servers", "bootstrap", "dump"}
    for store in stores:
        assert store.inputs["retentionPeriod"] == 30
        assert store.inputs["encryptConf"]["userCmkInfo"]["cmkKeyId"]


def test_the_lines_of_each_stream_are_chosen_by_what_pods_are_part_of() -> None:
    config = _one("medium", ":LogTailConfig", "letta-test-logs-bootstrap")
    [source] = json.loads(config["inputDetail"])["plugin"]["inputs"]
    assert source["detail"]["IncludeK8sLabel"] == {"app.kubernetes.io/component": "^(bootstrap)$"}


@every_tier
def test_lines_are_collected_by_a_group_that_waits_for_no_pod(tier: str) -> None:
    result = deployed(tier)
    group = result.one(":MachineGroup").inputs
    assert group["identifyType"] == "userdefined"
    [identity] = group["identifyLists"]
    assert identity.startswith("k8s-group-")
    assert group["name"] != identity
    for attachment in result.all(":LogTailAttachment"):
        assert attachment.inputs["machineGroupName"] == group["name"]


def test_alarms_tell_every_address_in_both_lists() -> None:
    result = deployed("medium", monitoring=EMAILS)
    contacts = {one.inputs["alarmContactName"] for one in result.all(":AlarmContact")}
    assert set(result.one(":AlarmContactGroup").inputs["contacts"]) == contacts
    assert all(len(each) <= 40 for each in contacts)
    policy = result.one(":ResourceRecord", "letta-test-alerts-policy")
    script = json.loads(policy.inputs["value"])["primary_policy_script"]
    assert all(contact in script for contact in contacts)
    for alarm in result.all("cms/alarm:Alarm"):
        assert alarm.inputs["contactGroups"]


def test_who_is_told_by_the_log_service_is_kept_in_its_main_region() -> None:
    result = deployed("medium", monitoring=EMAILS)
    provider = result.one("pulumi:providers:alicloud", "letta-test-alerts-main")
    assert provider.inputs["region"] == "cn-heyuan"


def test_a_key_of_a_kms_instance_is_rotated() -> None:
    key = _one("medium", "kms/key:Key", alicloud={"kms_instance": "kst-abc123"})
    assert key["dkmsInstanceId"] == "kst-abc123"
    assert key["automaticRotation"] == "Enabled"
    assert "automaticRotation" not in _one("medium", "kms/key:Key")


@every_tier
def test_the_key_is_protected_as_the_cluster_is(tier: str) -> None:
    key = deployed(tier).one("kms/key:Key")
    assert key.protect
    plane = {"allowed_cidrs": [], "deletion_protection": False}
    open_ = deployed(tier, ingress={**INGRESS, "control_plane": plane}).one("kms/key:Key")
    assert not open_.protect


def test_what_is_per_second_rings_at_the_first_error() -> None:
    for name in ("server-5xx", "lb-5xx"):
        alarm = _one("medium", "cms/alarm:Alarm", f"letta-test-in-{name}")
        assert alarm["escalationsCritical"]["threshold"] == "0"
        assert alarm["escalationsCritical"]["comparisonOperator"] == ">"


def test_a_contact_that_has_not_confirmed_is_no_change() -> None:
    for contact in deployed("medium", monitoring=EMAILS).all(":AlarmContact"):
        assert contact.ignore_changes == ("channelsMail",)


def test_a_dead_letter_is_set_aside_and_kept_for_a_week() -> None:
    result = deployed("medium")
    queue = result.one(":ServiceQueue", "letta-test-jobs").inputs
    dead = result.one(":ServiceQueue", "letta-test-jobs-dead").inputs
    assert queue["dlqPolicy"]["deadLetterTargetQueue"] == dead["queueName"]
    assert dead["messageRetentionPeriod"] == 7 * 86_400
    assert "enableSse" not in queue


def test_queues_are_encrypted_where_the_account_may() -> None:
    for one in deployed("medium", alicloud={"queue_encryption": True}).all(":ServiceQueue"):
        assert one.inputs["enableSse"] is True


def test_administrators_are_named_by_their_id() -> None:
    control_plane = {"allowed_cidrs": [], "admins": ["role/300012345678901234"]}
    permission = _one(
        "medium", ":KubernetesPermission", ingress={**INGRESS, "control_plane": control_plane}
    )
    assert permission["uid"] == "300012345678901234"
    assert permission["permissions"][0]["isRamRole"] is True


def test_a_model_of_ones_own_has_machines_of_its_own() -> None:
    result = deployed("large", llm={"hosting": "vllm"})
    pools = {one.inputs["labels"][0]["value"]: one.inputs for one in result.all(":NodePool")}
    assert set(pools) == {"api", "worker", "embedding", "llm"}
    assert {each["key"] for each in pools["llm"]["taints"]} >= {"nvidia.com/gpu"}
    assert pools["embedding"]["instanceTypes"] == ["ecs.gn6i-c4g1.xlarge"]
    assert pools["embedding"]["scalingConfig"]["type"] == "gpu"
