"""What the simulated Aliyun refuses at preview, as the real one does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.alicloud import estate
from tests.sandbox.alicloud.estate import cache, cluster, database, listener, pool
from tests.sandbox.engine import Engine

_ACTION = {"order": 1, "type": "Redirect", "redirectConfig": {"protocol": "HTTPS"}}
_PATHS = {"type": "Path", "pathConfig": {"values": ["/a"]}}
_BALANCER: dict[str, Any] = {
    "loadBalancerName": "in",
    "vpcId": "vpc-1",
    "addressType": "Internet",
    "loadBalancerEdition": "Standard",
    "loadBalancerBillingConfig": {"payType": "PayAsYouGo"},
}


def _rule(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  (values of properties)
    return {
        "listenerId": "lsn-1",
        "ruleName": "to-https",
        "priority": 1,
        "ruleConditions": [_PATHS],
        "ruleActions": [_ACTION],
        **changes,
    }


def _bucket(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"bucket": "data", "lifecycleRules": list(rules), **changes}


def _ageing(*steps: tuple[str, int], **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    moves = [{"storageClass": kind, "days": days} for kind, days in steps]
    return {"id": "ageing", "enabled": True, "transitions": moves, **changes}


def _alarm(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "project": "acs_rds_dashboard",
        "metric": "CpuUsage",
        "contactGroups": ["people"],
        "escalationsCritical": {"threshold": "80"},
        **changes,
    }


def _policy(**statement: Any) -> str:  # noqa: ANN401
    return json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", **statement}]})


@pytest.mark.parametrize(
    ("token", "inputs", "words"),
    [
        (estate.NETWORK, {"cidrBlock": "11.0.0.0/16"}, "is not private"),
        (estate.NETWORK, {"cidrBlock": "10.0.0.0/30"}, "must be a /8 to a /28"),
        (estate.NETWORK, {"tags": {"acs:a": "b"}}, "begins with aliyun or acs:"),
        (
            estate.SWITCH,
            {"vpcId": "v", "zoneId": "ap-southeast-1z", "cidrBlock": "10.0.0.0/24"},
            "is no zone of ap-southeast-1",
        ),
        (
            estate.SWITCH,
            {"vpcId": "v", "zoneId": estate.FIRST, "cidrBlock": "10.0.0.0/30"},
            "must be a /16 to a /29",
        ),
        (estate.NAT, {"vpcId": "v"}, "no longer sold"),
        (estate.NAT, {"vpcId": "v", "natType": "Enhanced"}, "needs a vSwitch"),
        (estate.ADDRESS, {"bandwidth": "900"}, "must be 1 to 200 Mbit/s"),
        (
            estate.GROUP_RULE,
            {
                "securityGroupId": "sg-1",
                "type": "ingress",
                "ipProtocol": "tcp",
                "cidrIp": "10.0.0.0/8",
            },
            "1/65535 is all",
        ),
        (
            estate.GROUP_RULE,
            {"securityGroupId": "sg-1", "type": "ingress", "ipProtocol": "all"},
            "cidrIp",
        ),
        (estate.DATABASE, database(instanceType="pg.x9.large"), "is no database class"),
        (estate.DATABASE, database(instanceType="pgro.n2.4c.1m"), "one of replicas alone"),
        (estate.DATABASE, database(instanceStorage=102), "multiple of 5"),
        (
            estate.DATABASE,
            database(dbInstanceStorageType="cloud_essd2"),
            "cloud_essd2 has 500 GiB at least",
        ),
        (
            estate.DATABASE,
            database(storageAutoScale="Enable", storageThreshold=10, storageUpperBound=50),
            "is below the 100 GiB that it begins with",
        ),
        (estate.DATABASE, database(storageAutoScale="Enable"), "storageThreshold"),
        (
            estate.DATABASE,
            database(category="Basic", zoneIdSlaveA=estate.SECOND),
            "the edition Basic has no standby",
        ),
        (estate.DATABASE, database(securityIps=["everybody"]), "InvalidSecurityIPList.Format"),
        (
            estate.DATABASE,
            database(instanceChargeType="Prepaid", deletionProtection=True),
            "Postpaid and Serverless alone",
        ),
        (
            estate.DATABASE,
            database(parameters=[{"name": "max_connections", "value": "5000"}]),
            "pg.n2.4c.2m has 800 at most",
        ),
        (
            estate.ACCOUNT,
            {"dbInstanceId": "pgm-1", "accountName": "postgres", "accountPassword": "Abcdefg1"},
            "is reserved",
        ),
        (
            estate.ACCOUNT,
            {"dbInstanceId": "pgm-1", "accountName": "letta", "accountPassword": "abcdefgh"},
            "of three of these kinds",
        ),
        (
            estate.BACKUPS,
            {"instanceId": "pgm-1", "preferredBackupPeriods": ["Monday"]},
            "name two days",
        ),
        (
            estate.BACKUPS,
            {"instanceId": "pgm-1", "logBackupRetentionPeriod": 14},
            "are more than the 7 of backups",
        ),
        (
            estate.DATABASE,
            database(encryptionKey="key-1"),
            "a class that shares its machine has the service's key alone",
        ),
        (estate.CACHE, cache(instanceClass="redis.big"), "is no cache class"),
        (estate.CACHE, cache(instanceClass="redis.shard.large.2.ce"), "is no cache class"),
        (estate.CACHE, cache(config={"maxmemory-policy": "lru"}), "maxmemory-policy"),
        (
            estate.CACHE,
            cache(vpcAuthMode="Close", securityIps=["0.0.0.0/0"]),
            "without a password cannot let in",
        ),
        (
            estate.CACHE,
            cache(zoneId=estate.FIRST, secondaryZoneId=estate.FIRST),
            "must be another zone",
        ),
        (estate.BUCKET, _bucket(_ageing(("IA", 90), ("Archive", 30))), "a colder class"),
        (estate.BUCKET, _bucket({"id": "idle", "enabled": True}), "does nothing"),
        (
            estate.BUCKET,
            _bucket(_ageing(("IA", 30)), _ageing(("IA", 60))),
            "two rules are named ageing",
        ),
        (
            estate.BUCKET,
            _bucket(
                _ageing(("IA", 30)),
                _ageing(("IA", 60), id="other", prefix="a/"),
                redundancyType="ZRS",
            ),
            "set lifecycleRuleAllowSameActionOverlap",
        ),
        (
            estate.BUCKET,
            _bucket(_ageing(("ColdArchive", 90)), redundancyType="ZRS"),
            "has no ColdArchive",
        ),
        (
            estate.BALANCER,
            {**_BALANCER, "zoneMappings": [{"zoneId": estate.FIRST, "vswitchId": "vsw-1"}]},
            "at least 2",
        ),
        (
            estate.BALANCER,
            {
                **_BALANCER,
                "zoneMappings": [
                    {"zoneId": estate.FIRST, "vswitchId": "vsw-1"},
                    {"zoneId": estate.FIRST, "vswitchId": "vsw-2"},
                ],
            },
            "is named twice",
        ),
        (estate.LISTENER, listener(requestTimeout=900), "600"),
        (estate.LISTENER, listener(certificates=None), "which needs one"),
        (
            estate.LISTENER,
            listener(securityPolicyId="tls_cipher_policy_1_3"),
            "does not exist: use",
        ),
        (estate.RULE, _rule(ruleActions=[{"order": 1, "type": "InsertHeader"}]), "ends a rule"),
        (estate.RULE, _rule(ruleActions=[_ACTION, _ACTION]), "two actions have one order"),
        (estate.RULE, _rule(ruleConditions=[{"type": "Path"}]), "needs pathConfig"),
        (
            estate.RULE,
            _rule(
                ruleConditions=[
                    {"type": "Path", "pathConfig": {"values": [f"/{n}" for n in range(11)]}}
                ]
            ),
            "a rule has 10 at most",
        ),
        (estate.CLUSTER, cluster(version="1.35"), "is not offered"),
        (estate.CLUSTER, cluster(podVswitchIds=None), "which needs them"),
        (estate.CLUSTER, cluster(addons=[{"name": "calico"}]), "is no component of ACK"),
        (
            estate.CLUSTER,
            cluster(clusterSpec="ack.standard", encryptionProviderKey="key-1"),
            "goes with ack.pro.small and above",
        ),
        (estate.CLUSTER, cluster(newNatGateway=None), "set it to false"),
        (estate.CLUSTER, cluster(serviceCidr="8.8.0.0/16"), "is not private"),
        (estate.POOL, pool(instanceTypes=["ecs.z1.large"]), "is no instance type"),
        (estate.POOL, pool(instanceTypes=["ecs.gn6i-c4g1.xlarge"]), "it must be gpu"),
        (estate.POOL, pool(desiredSize="2"), "desiredSize"),
        (
            estate.POOL,
            pool(scalingConfig={"enable": True, "minSize": 4, "maxSize": 3}),
            "is above maxSize 3",
        ),
        (estate.POOL, pool(systemDiskKmsKey="key-1"), "goes with systemDiskEncrypted"),
        (estate.POOL, pool(spotStrategy="SpotWithPriceLimit"), "which needs them"),
        (
            estate.ATTACHMENT,
            {"scalingGroupId": "asg-1", "albServerGroupId": "sgp-1", "port": 80, "weight": 100},
            "set it to true",
        ),
        (estate.KEY, {"automaticRotation": "Enabled"}, "say how often the key rotates"),
        (
            estate.KEY,
            {"automaticRotation": "Enabled", "rotationInterval": "90d"},
            "does not rotate",
        ),
        (estate.KEY, {"dkmsInstanceId": "kst-other"}, "DKMSInstanceNotFound"),
        (
            estate.QUEUE,
            {"queueName": "jobs", "dlqPolicy": {"enabled": True, "maxReceiveCount": 3}},
            "needs deadLetterTargetQueue",
        ),
        (estate.QUEUE, {"queueName": "jobs", "messageRetentionPeriod": 1_209_600}, "604800"),
        (estate.ALARM, _alarm(project="acs_mars"), "is no product"),
        (estate.ALARM, _alarm(period=120), "must be one of"),
        (estate.ALARM, _alarm(escalationsCritical={"threshold": "high"}), "is no number"),
        (estate.ALARM, _alarm(metricDimensions='{"a": "b"}'), "a list of objects"),
        (
            estate.ROLE,
            {"roleName": "a", "assumeRolePolicyDocument": _policy(Action="sts:AssumeRole")},
            "no Principal",
        ),
        (estate.POLICY, {"policyName": "a", "policyDocument": _policy(Action="x")}, "no Resource"),
        (
            estate.RECORD,
            {"domainName": "example.org", "rr": "a", "type": "A", "value": "1.2.3.4"},
            "the account has example.com",
        ),
        (
            estate.RECORD,
            {"domainName": "example.com", "rr": "a", "type": "A", "value": "1.2.3.4", "ttl": 60},
            "600 s at least",
        ),
        (estate.PROJECT, {"projectName": "Logs"}, "lower-case letters"),
        (
            estate.STORE,
            {"projectName": "logs", "logstoreName": "servers", "autoSplit": True},
            "maxSplitShardCount",
        ),
        (
            "alicloud:log/resourceRecord:ResourceRecord",
            {"resourceName": "sls.common.user", "recordId": "a", "tag": "a", "value": "{}"},
            "records are kept in cn-heyuan",
        ),
    ],
)
def test_what_aliyun_refuses_is_refused_at_preview(
    alicloud: Engine, token: str, inputs: dict[str, Any], words: str
) -> None:
    given = {name: value for name, value in inputs.items() if value is not None}
    failures = alicloud.check(token, "bad", given).failures
    assert words in "; ".join(f"{name}: {reason}" for name, reason in failures)


def test_a_provider_names_a_region_that_there_is(alicloud: Engine) -> None:
    assert [name for name, _ in alicloud.check_config({"region": "mars"})] == ["region"]
    other = {"region": "ap-southeast-1", "accountId": "1"}
    assert [name for name, _ in alicloud.check_config(other)] == ["accountId"]
