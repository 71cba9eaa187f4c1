"""What the simulated Aliyun refuses because of what else is there, as the real one does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox import admin
from tests.sandbox.alicloud import estate as kinds
from tests.sandbox.alicloud.estate import FIRST, SECOND, Estate, cache, database, pool
from tests.sandbox.engine import Engine, Refused

INDEX = "alicloud:log/storeIndex:StoreIndex"
COLLECTOR = "alicloud:log/logTailConfig:LogTailConfig"
COLLECTED = "alicloud:log/logTailAttachment:LogTailAttachment"
ALERT = "alicloud:log/alert:Alert"
MACHINES = "alicloud:log/machineGroup:MachineGroup"
BLOCK = "alicloud:oss/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACL = "alicloud:oss/bucketAcl:BucketAcl"


def test_vswitches_lie_in_their_network_and_apart_from_each_other(estate: Estate) -> None:
    with pytest.raises(Refused, match="does not lie in"):
        estate.switch("c", FIRST, "10.1.0.0/20")
    with pytest.raises(Refused, match="overlaps with"):
        estate.switch("c", FIRST, "10.0.8.0/24")


def test_packets_leave_by_an_address_that_belongs_to_the_gateway(
    estate: Estate, alicloud: Engine
) -> None:
    gateway = alicloud.create(
        kinds.NAT,
        "nat",
        {"vpcId": estate.network.id, "natType": "Enhanced", "vswitchId": estate.first.id},
    )
    address = alicloud.create(kinds.ADDRESS, "nat", {"internetChargeType": "PayByTraffic"})
    entry = {
        "snatTableId": gateway.outputs["snatTableIds"],
        "sourceVswitchId": estate.first.id,
        "snatIp": address.outputs["ipAddress"],
    }
    with pytest.raises(Refused, match="associate it first"):
        alicloud.create(kinds.SNAT, "a", entry)
    with pytest.raises(Refused, match="it is Nat, not EcsInstance"):
        alicloud.create(
            kinds.ASSOCIATION, "nat", {"allocationId": address.id, "instanceId": gateway.id}
        )
    bound = alicloud.create(
        kinds.ASSOCIATION,
        "nat",
        {"allocationId": address.id, "instanceId": gateway.id, "instanceType": "Nat"},
    )
    alicloud.create(kinds.SNAT, "a", entry)
    with pytest.raises(Refused, match="EntryExist"):
        alicloud.create(kinds.SNAT, "b", entry)
    with pytest.raises(Refused, match="uses the address"):
        alicloud.delete(bound)


def test_an_enterprise_group_names_ranges_alone(estate: Estate, alicloud: Engine) -> None:
    group = alicloud.create(
        kinds.GROUP, "nodes", {"vpcId": estate.network.id, "securityGroupType": "enterprise"}
    )
    rule = {"securityGroupId": group.id, "type": "ingress", "ipProtocol": "all"}
    with pytest.raises(Refused, match="cannot name a group"):
        alicloud.create(kinds.GROUP_RULE, "a", {**rule, "sourceSecurityGroupId": group.id})


@pytest.mark.parametrize(
    ("zones", "words"),
    [
        ({"zoneId": SECOND}, "the first vSwitch is in"),
        ({"zoneId": FIRST, "zoneIdSlaveA": "ap-southeast-1c"}, "no node of the instance is in"),
    ],
)
def test_each_node_of_a_database_has_a_vswitch_in_its_zone(
    estate: Estate, alicloud: Engine, zones: dict[str, Any], words: str
) -> None:
    both = f"{estate.first.id},{estate.second.id}"
    with pytest.raises(Refused, match=words):
        alicloud.create(kinds.DATABASE, "db", database(vswitchId=both, **zones))


def test_a_disk_that_grows_by_itself_is_left_alone(estate: Estate, alicloud: Engine) -> None:
    grows = {"storageAutoScale": "Enable", "storageThreshold": 10, "storageUpperBound": 1000}
    made = estate.database(**grows)
    wanted = {**made.inputs, "instanceStorage": 500}
    assert alicloud.diff(made, wanted).changes == {}
    fixed = {**wanted, "storageAutoScale": "Disable"}
    assert "instanceStorage" in alicloud.diff(made, fixed).changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"instanceStorage": 50}, "are less than 100"),
        ({"engineVersion": "15.0"}, r"is below 16\.0"),
        ({"encryptionKey": "ServiceKey"}, "decided when it is made"),
    ],
)
def test_some_of_a_database_never_changes(
    estate: Estate, alicloud: Engine, changes: dict[str, Any], words: str
) -> None:
    made = estate.database()
    with pytest.raises(Refused, match=words):
        alicloud.update(made, {**made.inputs, **changes})


@pytest.mark.parametrize("name", ["zoneId", "zoneIdSlaveA", "vswitchId"])
def test_a_database_that_moves_is_a_new_one(estate: Estate, alicloud: Engine, name: str) -> None:
    made = estate.database(zoneIdSlaveA=FIRST)
    moved = {"vswitchId": estate.second.id}.get(name, SECOND)
    assert alicloud.diff(made, {**made.inputs, name: moved}).replaces == [name]


def test_a_read_only_instance_is_as_its_server(estate: Estate, alicloud: Engine) -> None:
    server = estate.database()
    replica = {
        "masterDbInstanceId": server.id,
        "engineVersion": "16.0",
        "instanceType": "pgro.n2.4c.1m",
        "instanceStorage": 100,
        "vswitchId": estate.first.id,
    }
    with pytest.raises(Refused, match="are less than the 100 GiB of its server"):
        alicloud.create(kinds.REPLICA, "r", {**replica, "instanceStorage": 50})
    with pytest.raises(Refused, match=r"its server has 16\.0"):
        alicloud.create(kinds.REPLICA, "r", {**replica, "engineVersion": "15.0"})
    alicloud.create(kinds.REPLICA, "r", replica)
    with pytest.raises(Refused, match="has read-only instances"):
        alicloud.delete(server)


def test_what_is_protected_stays(estate: Estate, alicloud: Engine) -> None:
    server = estate.database(deletionProtection=True)
    with pytest.raises(Refused, match="deletion protection is enabled"):
        alicloud.delete(server)
    key = alicloud.create(kinds.KEY, "key", {"deletionProtection": "Enabled"})
    with pytest.raises(Refused, match="set deletionProtection to Disabled"):
        alicloud.delete(key)


def test_a_protection_in_words_is_lifted_like_any_other(alicloud: Engine, state: Path) -> None:
    key = alicloud.create(kinds.KEY, "key", {"deletionProtection": "Enabled"})
    assert admin.status(state)["protected"] == ["key"]
    assert admin.unprotect(state) == ["key"]
    assert admin.status(state)["protected"] == []
    alicloud.delete(key)


def test_a_bucket_is_read_with_what_others_set_of_it(alicloud: Engine) -> None:
    bucket = alicloud.create(kinds.BUCKET, "data", {"bucket": "data"})
    key = alicloud.create(kinds.KEY, "key", {})
    policy = json.dumps({"Version": "1", "Statement": [{"Effect": "Deny", "Principal": ["*"]}]})
    for kind, given in (
        ("bucketPolicy:BucketPolicy", {"policy": policy}),
        (
            "bucketServerSideEncryption:BucketServerSideEncryption",
            {"sseAlgorithm": "KMS", "kmsMasterKeyId": key.id},
        ),
        ("bucketVersioning:BucketVersioning", {"status": "Enabled"}),
    ):
        alicloud.create(f"alicloud:oss/{kind}", "data", {"bucket": "data", **given})
    read = alicloud.read(bucket)
    assert read is not None
    assert read.outputs["policy"] == policy
    names = ["policy", "serverSideEncryptionRule", "versioning"]
    assert sorted(alicloud.diff(read, {"bucket": "data"}).changes) == names
    assert alicloud.diff(read, {"bucket": "data"}, ignored=names).changes == {}


def test_a_disk_that_grows_by_itself_stays_as_it_is(estate: Estate, alicloud: Engine) -> None:
    growing = {"storageAutoScale": "Enable", "storageThreshold": 10, "storageUpperBound": 1000}
    server = estate.database(**growing)
    larger = {**server.inputs, "instanceStorage": 500, "instanceType": "pg.n2.8c.2m"}
    updated = alicloud.update(server, larger)
    assert updated.outputs["instanceType"] == "pg.n2.8c.2m"
    assert updated.outputs["instanceStorage"] == 100
    by_hand = alicloud.update(updated, {**larger, "storageAutoScale": "Disable"})
    assert by_hand.outputs["instanceStorage"] == 500


def test_bounds_of_growth_stay_while_it_is_off(estate: Estate, alicloud: Engine) -> None:
    growing = {"storageAutoScale": "Enable", "storageThreshold": 10, "storageUpperBound": 1000}
    server = estate.database(**growing)
    off = {**server.inputs, "storageAutoScale": "Disable", "storageUpperBound": 2000}
    updated = alicloud.update(server, off)
    assert updated.outputs["storageUpperBound"] == 1000
    on = alicloud.update(updated, {**off, "storageAutoScale": "Enable"})
    assert on.outputs["storageUpperBound"] == 2000


def test_a_deleted_key_waits_to_be_destroyed(alicloud: Engine, state: Path) -> None:
    alicloud.delete(alicloud.create(kinds.KEY, "key", {}))
    told = admin.status(state)
    assert told["objects"] == 0
    assert [kept["kind"] for kept in told["retained"]] == ["kms key"]


def test_a_disabled_key_encrypts_nothing(estate: Estate, alicloud: Engine) -> None:
    key = alicloud.create(kinds.KEY, "key", {"status": "Disabled"})
    with pytest.raises(Refused, match="is disabled"):
        estate.database(encryptionKey=key.id, instanceType="pg.x2.large.2c")


def test_a_cache_is_in_the_zone_of_its_vswitch(estate: Estate, alicloud: Engine) -> None:
    with pytest.raises(Refused, match="is not in ap-southeast-1b"):
        alicloud.create(kinds.CACHE, "c", cache(vswitchId=estate.first.id, zoneId=SECOND))


def test_a_cache_shrinks_by_an_order_of_its_own(estate: Estate, alicloud: Engine) -> None:
    made = alicloud.create(kinds.CACHE, "c", cache(vswitchId=estate.first.id))
    smaller = {**made.inputs, "instanceClass": "redis.shard.mid.2.ce"}
    with pytest.raises(Refused, match="set orderType to DOWNGRADE"):
        alicloud.update(made, smaller)
    alicloud.update(made, {**smaller, "orderType": "DOWNGRADE"})


def test_a_bucket_whose_public_access_is_blocked_takes_no_public_list(alicloud: Engine) -> None:
    alicloud.create(kinds.BUCKET, "data", {"bucket": "data"})
    alicloud.create(BLOCK, "data", {"bucket": "data", "blockPublicAccess": True})
    with pytest.raises(Refused, match="is blocked"):
        alicloud.create(ACL, "data", {"bucket": "data", "acl": "public-read"})
    alicloud.create(ACL, "data", {"bucket": "data", "acl": "private"})


def test_a_listener_has_a_certificate_of_the_account_and_a_port_of_its_own(
    estate: Estate, alicloud: Engine
) -> None:
    inputs = estate.listener()
    with pytest.raises(Refused, match="the account has 1234567"):
        alicloud.create(
            kinds.LISTENER, "https", {**inputs, "certificates": {"certificateId": "1-other"}}
        )
    made = alicloud.create(kinds.LISTENER, "https", inputs)
    with pytest.raises(Refused, match="listens on 443"):
        alicloud.create(kinds.LISTENER, "again", inputs)
    rule = {
        "listenerId": made.id,
        "ruleName": "to-https",
        "priority": 1,
        "ruleConditions": [{"type": "Path", "pathConfig": {"values": ["/*"]}}],
        "ruleActions": [{"order": 1, "type": "Redirect", "redirectConfig": {"protocol": "HTTPS"}}],
    }
    alicloud.create(kinds.RULE, "a", rule)
    with pytest.raises(Refused, match=r"has the priority 1"):
        alicloud.create(kinds.RULE, "b", rule)


def test_a_cluster_keeps_the_vswitches_of_its_pods(estate: Estate, alicloud: Engine) -> None:
    made = estate.cluster()
    more = [estate.first.id, estate.second.id]
    with pytest.raises(Refused, match="name the vSwitches of all zones when the cluster is made"):
        alicloud.update(made, {**made.inputs, "podVswitchIds": more})


def test_pods_have_addresses_wherever_machines_are(estate: Estate) -> None:
    with pytest.raises(Refused, match="would have no addresses for pods"):
        estate.cluster(vswitchIds=[estate.first.id, estate.second.id])


def test_services_of_a_cluster_are_outside_the_network(estate: Estate) -> None:
    with pytest.raises(Refused, match="overlaps with"):
        estate.cluster(serviceCidr="10.0.128.0/20")


@pytest.mark.parametrize(
    ("version", "words"),
    [("1.34.1-aliyun.1", "is below"), ("1.32.7-aliyun.1", "is below")],
)
def test_a_cluster_never_goes_back(
    estate: Estate, alicloud: Engine, version: str, words: str
) -> None:
    made = estate.cluster()
    with pytest.raises(Refused, match=words):
        alicloud.update(made, {**made.inputs, "version": version})


def test_a_cluster_goes_up_by_one_version(estate: Estate, alicloud: Engine) -> None:
    made = estate.cluster(version="1.33.3-aliyun.1")
    with pytest.raises(Refused, match="go up one minor version first"):
        alicloud.update(made, {**made.inputs, "version": "1.35.2-aliyun.1"})
    alicloud.update(made, {**made.inputs, "version": "1.34.1-aliyun.1"})


def test_a_server_group_takes_machines_of_its_own_network(estate: Estate, alicloud: Engine) -> None:
    made = estate.cluster()
    nodes = alicloud.create(
        kinds.POOL, "api", pool(clusterId=made.id, vswitchIds=[estate.first.id])
    )
    addresses = estate.server_group(serverGroupType="Ip")
    inputs = {
        "scalingGroupId": nodes.outputs["scalingGroupId"],
        "albServerGroupId": addresses.id,
        "port": 30083,
        "weight": 100,
        "forceAttach": True,
    }
    with pytest.raises(Refused, match="takes no machines"):
        alicloud.create(kinds.ATTACHMENT, "api", inputs)
    machines = estate.server_group()
    alicloud.create(kinds.ATTACHMENT, "api", {**inputs, "albServerGroupId": machines.id})
    with pytest.raises(Refused):
        alicloud.delete(machines)


def test_lines_are_collected_by_a_cluster_that_has_a_collector(
    estate: Estate, alicloud: Engine
) -> None:
    alicloud.create(kinds.PROJECT, "logs", {"projectName": "logs"})
    alicloud.create(kinds.STORE, "servers", {"projectName": "logs", "logstoreName": "servers"})
    detail = json.dumps({"plugin": {"inputs": [{"type": "service_docker_stdout"}]}})
    chosen = {
        "project": "logs",
        "logstore": "servers",
        "inputType": "plugin",
        "outputType": "LogService",
        "inputDetail": detail,
    }
    with pytest.raises(Refused, match="LogStoreNotExist"):
        alicloud.create(COLLECTOR, "bad", {**chosen, "logstore": "other"})
    made = alicloud.create(COLLECTOR, "servers", chosen)
    silent = estate.cluster()
    attached = {"project": "logs", "logtailConfigName": made.outputs["name"]}
    with pytest.raises(Refused, match="is made by loongcollector"):
        alicloud.create(
            COLLECTED, "servers", {**attached, "machineGroupName": f"k8s-group-{silent.id}"}
        )
    alicloud.create(MACHINES, "logs", {"project": "logs", "name": "pods", "identifyLists": ["a"]})
    alicloud.create(COLLECTED, "servers", {**attached, "machineGroupName": "pods"})


def test_a_cluster_without_machines_has_no_group_of_collectors_yet(
    estate: Estate, alicloud: Engine
) -> None:
    alicloud.create(kinds.PROJECT, "logs", {"projectName": "logs"})
    alicloud.create(kinds.STORE, "servers", {"projectName": "logs", "logstoreName": "servers"})
    detail = json.dumps({"plugin": {"inputs": [{"type": "service_docker_stdout"}]}})
    collector = {
        "project": "logs",
        "logstore": "servers",
        "inputType": "plugin",
        "outputType": "LogService",
        "inputDetail": detail,
    }
    made = alicloud.create(COLLECTOR, "servers", collector)
    cluster = estate.cluster(addons=[{"name": "terway-eniip"}, {"name": "loongcollector"}])
    attached = {
        "project": "logs",
        "logtailConfigName": made.outputs["name"],
        "machineGroupName": f"k8s-group-{cluster.id}",
    }
    with pytest.raises(Refused, match="once it has machines"):
        alicloud.create(COLLECTED, "servers", attached)
    alicloud.create(kinds.POOL, "api", pool(clusterId=cluster.id, vswitchIds=[estate.first.id]))
    alicloud.create(COLLECTED, "servers", attached)


def test_only_a_store_with_an_index_is_queried(alicloud: Engine) -> None:
    alicloud.create(kinds.PROJECT, "logs", {"projectName": "logs"})
    alicloud.create(kinds.STORE, "servers", {"projectName": "logs", "logstoreName": "servers"})
    alert = {
        "projectName": "logs",
        "alertName": "lost",
        "alertDisplayname": "lost",
        "version": "2.0",
        "queryLists": [{"store": "servers", "query": "a", "start": "-5m", "end": "now"}],
        "schedule": {"type": "FixedRate", "interval": "5m"},
        "severityConfigurations": [{"severity": 8, "evalCondition": {"condition": "a > 0"}}],
        "policyConfiguration": {"alertPolicyId": "sls.builtin.dynamic", "repeatInterval": "1h"},
    }
    with pytest.raises(Refused, match="has no index"):
        alicloud.create(ALERT, "lost", alert)
    alicloud.create(
        INDEX, "servers", {"project": "logs", "logstore": "servers", "fullText": {"token": ","}}
    )
    alicloud.create(ALERT, "lost", alert)


def test_dead_letters_go_to_a_queue_of_the_same_kind(alicloud: Engine) -> None:
    alicloud.create(kinds.QUEUE, "dead", {"queueName": "dead", "queueType": "fifo"})
    policy = {"enabled": True, "deadLetterTargetQueue": "dead", "maxReceiveCount": 3}
    with pytest.raises(Refused, match="is of another kind"):
        alicloud.create(kinds.QUEUE, "jobs", {"queueName": "jobs", "dlqPolicy": policy})


def test_an_alias_stands_alone(alicloud: Engine) -> None:
    record = {"domainName": "example.com", "rr": "letta"}
    alicloud.create(kinds.RECORD, "a", {**record, "type": "CNAME", "value": "alb.example.net"})
    with pytest.raises(Refused, match="DomainRecordConflict"):
        alicloud.create(kinds.RECORD, "b", {**record, "type": "A", "value": "1.2.3.4"})
