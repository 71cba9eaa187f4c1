"""What the simulated Google Cloud refuses, as the real one does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox import admin
from tests.sandbox.engine import Engine, Refused, Resource

NETWORK = "gcp:compute/network:Network"
RANGE = "gcp:compute/globalAddress:GlobalAddress"
CONNECTION = "gcp:servicenetworking/connection:Connection"
SUBNET = "gcp:compute/subnetwork:Subnetwork"
DATABASE = "gcp:sql/databaseInstance:DatabaseInstance"
CACHE = "gcp:redis/instance:Instance"
SECRET = "gcp:secretmanager/secret:Secret"
VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
GRANT = "gcp:secretmanager/secretIamMember:SecretIamMember"
ACCOUNT = "gcp:serviceaccount/account:Account"
SERVICE = "gcp:cloudrunv2/service:Service"
JOB = "gcp:cloudrunv2/job:Job"
BUCKET = "gcp:storage/bucket:Bucket"
URL_MAP = "gcp:compute/uRLMap:URLMap"
POLICY = "gcp:compute/securityPolicy:SecurityPolicy"
RECORD = "gcp:dns/recordSet:RecordSet"
SCHEDULE = "gcp:cloudscheduler/job:Job"
ALERT = "gcp:monitoring/alertPolicy:AlertPolicy"
CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel"

_PATH = "projects/my-project/global/networks/net"


def _database(**settings: Any) -> dict[str, Any]:  # noqa: ANN401  (values of properties)
    return {
        "databaseVersion": "POSTGRES_16",
        "deletionProtection": False,
        "settings": {
            "tier": "db-custom-2-7680",
            "edition": "ENTERPRISE",
            "ipConfiguration": {"ipv4Enabled": False, "privateNetwork": _PATH},
            **settings,
        },
    }


def _service(**container: Any) -> dict[str, Any]:  # noqa: ANN401
    limits = {"cpu": "2", "memory": "4096Mi"}
    return {
        "location": "us-central1",
        "deletionProtection": False,
        "template": {
            "containers": [{"image": "x:1", "resources": {"limits": limits}, **container}]
        },
    }


def _rule(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    match = {"versionedExpr": "SRC_IPS_V1", "config": {"srcIpRanges": ["*"]}}
    return {"action": "allow", "priority": 2147483647, "match": match, **changes}


def _job(*, launchStage: str = "BETA", size: str = "20Gi") -> dict[str, Any]:  # noqa: N803
    scratch = {"name": "scratch", "emptyDir": {"medium": "DISK", "sizeLimit": size}}
    return {
        "location": "us-central1",
        "deletionProtection": False,
        "launchStage": launchStage,
        "template": {"template": {"containers": [{"image": "x:1"}], "volumes": [scratch]}},
    }


def _silence(seconds: int) -> dict[str, Any]:
    """An alarm on what has not come for so long."""
    threshold = {
        "filter": 'metric.type = "a" AND resource.type = "b"',
        "comparison": "COMPARISON_LT",
        "duration": "300s",
        "aggregations": [{"alignmentPeriod": f"{seconds}s", "perSeriesAligner": "ALIGN_DELTA"}],
    }
    return {
        "displayName": "a",
        "combiner": "OR",
        "conditions": [{"displayName": "a", "conditionThreshold": threshold}],
    }


def _measured(metric: str, aligner: str) -> dict[str, Any]:
    """An alarm on a metric, with values of a period made one by an aligner."""
    alarm = _silence(300)
    threshold = alarm["conditions"][0]["conditionThreshold"]
    threshold["filter"] = f'metric.type = "{metric}" AND resource.type = "b"'
    threshold["aggregations"][0]["perSeriesAligner"] = aligner
    return alarm


@pytest.mark.parametrize(
    ("token", "inputs", "words"),
    [
        (DATABASE, _database(edition=None), r"set settings.edition to ENTERPRISE"),
        (DATABASE, _database(tier="db-custom-3-7680"), "even number"),
        (
            DATABASE,
            _database(databaseFlags=[{"name": "shared_buffers", "value": "900000"}]),
            "must be between",
        ),
        (
            DATABASE,
            _database(
                backupConfiguration={
                    "enabled": True,
                    "pointInTimeRecoveryEnabled": True,
                    "transactionLogRetentionDays": 14,
                }
            ),
            "exceed the 7 of ENTERPRISE",
        ),
        (DATABASE, _database(availabilityType="REGIONAL"), "a standby needs backups"),
        (DATABASE, _database(diskSize=500, diskAutoresizeLimit=200), "is below diskSize"),
        (DATABASE, _database(ipConfiguration={"ipv4Enabled": False}), "at least one of"),
        (CACHE, {"memorySizeGb": 4, "replicaCount": 1}, "BASIC tier has no replicas"),
        (
            CACHE,
            {"memorySizeGb": 4, "redisConfigs": {"maxmemory-policy": "lru"}},
            "maxmemory-policy",
        ),
        (
            SERVICE,
            _service(resources={"limits": {"cpu": "2", "memory": "16384Mi"}}),
            "does not exist",
        ),
        (
            SERVICE,
            _service(startupProbe={"periodSeconds": 60, "failureThreshold": 10}),
            "exceeds 240 s",
        ),
        (SERVICE, _service(envs=[{"name": "PORT", "value": "1"}]), "Cloud Run's own"),
        (SERVICE, _service(volumeMounts=[{"name": "a", "mountPath": "/a"}]), "no volume a"),
        (
            JOB,
            {
                "location": "us-central1",
                "name": "j" * 40,
                "runExecutionToken": "t" * 30,
                "template": {"template": {"containers": [{"image": "x:1"}]}},
            },
            "together reach 63",
        ),
        (JOB, _job(launchStage="GA"), "set launchStage to BETA"),
        (JOB, _job(size="1Gi"), "10Gi of disk or more"),
        (SCHEDULE, {"schedule": "every day", "httpTarget": {"uri": "https://x"}}, "is invalid"),
        (SCHEDULE, {"schedule": "17 3,15 * * *"}, "exactly one of"),
        (ALERT, _silence(93_600), "must be 90000s at most"),
        (
            ALERT,
            _measured("cloudsql.googleapis.com/database/postgresql/num_backends", "ALIGN_DELTA"),
            "num_backends, a GAUGE of numbers",
        ),
        (
            ALERT,
            _measured("redis.googleapis.com/stats/cpu_utilization_main_thread", "ALIGN_MEAN"),
            "counts seconds: use ALIGN_RATE",
        ),
        (
            ALERT,
            _measured("run.googleapis.com/request_latencies", "ALIGN_MEAN"),
            "a DELTA of distributions: use one of",
        ),
        (SUBNET, {"network": _PATH, "ipCidrRange": "10.0.0.0/30"}, "smaller than a /29"),
        (
            BUCKET,
            {
                "location": "US-CENTRAL1",
                "lifecycleRules": [
                    {"action": {"type": "SetStorageClass"}, "condition": {"age": 1}}
                ],
            },
            "which needs it",
        ),
        (
            URL_MAP,
            {
                "defaultService": "x",
                "pathMatchers": [
                    {
                        "name": "a",
                        "routeRules": [
                            {"priority": 1, "matchRules": [{"pathTemplateMatch": "/v1/a*/b"}]}
                        ],
                    }
                ],
                "hostRules": [{"hosts": ["x"], "pathMatcher": "a"}],
            },
            "is no path template",
        ),
        (POLICY, {"rules": [_rule(priority=1)]}, "no default rule"),
        (POLICY, {"rules": [_rule(), _rule()]}, "two rules have the priority"),
        (POLICY, {"rules": [_rule(action="throttle")]}, "which need them"),
        (CHANNEL, {"type": "email", "labels": {}}, "needs email_address"),
        (
            SECRET,
            {"secretId": "s", "replication": {"auto": {}}, "labels": {"letta:stack": "x"}},
            "is no label",
        ),
        (ACCOUNT, {"accountId": "a" * 31}, "at most 30"),
    ],
)
def test_what_google_refuses_is_refused_at_preview(
    gcp: Engine, token: str, inputs: dict[str, Any], words: str
) -> None:
    given = _without_nothing(inputs)
    failures = "; ".join(reason for _, reason in gcp.check(token, "bad", given).failures)
    assert words in failures


def _without_nothing(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    if isinstance(value, dict):
        return {key: _without_nothing(each) for key, each in value.items() if each is not None}
    return value


def _network(gcp: Engine) -> None:
    gcp.create(NETWORK, "net", {"name": "net", "autoCreateSubnetworks": False})


def _peered(gcp: Engine) -> Resource:
    _network(gcp)
    kept = gcp.create(
        RANGE,
        "services",
        {
            "purpose": "VPC_PEERING",
            "addressType": "INTERNAL",
            "address": "10.0.128.0",
            "prefixLength": 18,
            "network": _PATH,
        },
    )
    return gcp.create(
        CONNECTION,
        "services",
        {
            "network": _PATH,
            "service": "servicenetworking.googleapis.com",
            "reservedPeeringRanges": [kept.outputs["name"]],
        },
    )


def test_a_private_database_comes_after_the_peering(gcp: Engine) -> None:
    _network(gcp)
    with pytest.raises(Refused, match="is not peered"):
        gcp.create(DATABASE, "db", _database())


def test_a_peering_stays_while_a_database_lives_behind_it(gcp: Engine) -> None:
    connection = _peered(gcp)
    gcp.create(DATABASE, "db", _database())
    with pytest.raises(Refused, match="Producer services"):
        gcp.delete(connection)


def test_a_key_serves_only_whom_it_was_granted_to(gcp: Engine) -> None:
    ring = gcp.create("gcp:kms/keyRing:KeyRing", "ring", {"location": "us-central1"})
    key = gcp.create("gcp:kms/cryptoKey:CryptoKey", "key", {"keyRing": ring.id})
    inputs = {
        "location": "US-CENTRAL1",
        "encryption": {"defaultKmsKeyName": key.id},
    }
    with pytest.raises(Refused, match="may not use the key"):
        gcp.create(BUCKET, "data", inputs)


def test_a_service_reads_only_secrets_that_have_a_value_and_admit_it(gcp: Engine) -> None:
    account = gcp.create(ACCOUNT, "api", {"accountId": "letta-api"})
    secret = gcp.create(SECRET, "s", {"secretId": "s", "replication": {"auto": {}}})
    inputs = _service(
        envs=[{"name": "A", "valueSource": {"secretKeyRef": {"secret": "s", "version": "1"}}}]
    )
    inputs["template"]["serviceAccount"] = account.outputs["email"]
    with pytest.raises(Refused, match="has no version 1"):
        gcp.create(SERVICE, "api", inputs)
    gcp.create(VERSION, "s", {"secret": secret.id, "secretData": "value"})
    with pytest.raises(Refused, match="may not read s"):
        gcp.create(SERVICE, "api", inputs)
    member = f"serviceAccount:{account.outputs['email']}"
    role = "roles/secretmanager.secretAccessor"
    gcp.create(GRANT, "s", {"secretId": "s", "role": role, "member": member})
    gcp.create(SERVICE, "api", inputs)


def test_an_alarm_on_lines_comes_after_the_metric_that_counts_them(gcp: Engine) -> None:
    alarm = _measured("logging.googleapis.com/user/lost", "ALIGN_DELTA")
    with pytest.raises(Refused, match="Error 404: Cannot find metric"):
        gcp.create(ALERT, "lost", alarm)
    gcp.create("gcp:logging/metric:Metric", "lost", {"name": "lost", "filter": "severity=ERROR"})
    gcp.create(ALERT, "lost", alarm)


def test_a_schedule_runs_only_what_is_there_and_admits_it(gcp: Engine) -> None:
    account = gcp.create(ACCOUNT, "dump", {"accountId": "letta-dump"})
    email = account.outputs["email"]
    path = "projects/my-project/locations/us-central1/jobs/dump"
    inputs = {
        "schedule": "17 3,15 * * *",
        "httpTarget": {
            "uri": f"https://run.googleapis.com/v2/{path}:run",
            "httpMethod": "POST",
            "oauthToken": {"serviceAccountEmail": email},
        },
    }
    with pytest.raises(Refused, match="there is no job dump"):
        gcp.create(SCHEDULE, "dump", inputs)
    gcp.create(JOB, "dump", {**_job(), "name": "dump"})
    with pytest.raises(Refused, match="may not run dump"):
        gcp.create(SCHEDULE, "dump", inputs)
    gcp.create(
        "gcp:cloudrunv2/jobIamMember:JobIamMember",
        "dump",
        {
            "name": "dump",
            "location": "us-central1",
            "role": "roles/run.invoker",
            "member": f"serviceAccount:{email}",
        },
    )
    gcp.create(SCHEDULE, "dump", inputs)


def test_a_record_lies_in_its_zone_and_an_alias_stands_alone(gcp: Engine) -> None:
    record = {"managedZone": "example-com", "ttl": 300}
    with pytest.raises(Refused, match="does not lie in"):
        gcp.create(
            RECORD, "bad", {**record, "name": "a.example.org.", "type": "A", "rrdatas": ["1.2.3.4"]}
        )
    name = {**record, "name": "a.example.com."}
    gcp.create(RECORD, "a", {**name, "type": "CNAME", "rrdatas": ["b."]})
    with pytest.raises(Refused, match="has records already"):
        gcp.create(RECORD, "b", {**name, "type": "A", "rrdatas": ["1.2.3.4"]})


def test_another_spelling_of_a_network_is_no_other_network(gcp: Engine) -> None:
    _network(gcp)
    made = gcp.create(SUBNET, "a", {"network": _PATH, "ipCidrRange": "10.0.0.0/17"})
    whole = f"https://www.googleapis.com/compute/v1/{_PATH}"
    assert gcp.diff(made, {**made.inputs, "network": whole}).changes == {}
    other = f"{_PATH}-2"
    assert gcp.diff(made, {**made.inputs, "network": other}).replaces == ["network"]


def test_subnets_of_a_network_do_not_overlap(gcp: Engine) -> None:
    _network(gcp)
    gcp.create(SUBNET, "a", {"network": _PATH, "ipCidrRange": "10.0.0.0/17"})
    with pytest.raises(Refused, match="overlaps with"):
        gcp.create(SUBNET, "b", {"network": _PATH, "ipCidrRange": "10.0.64.0/18"})


def test_keys_and_log_buckets_stay_after_they_are_deleted(gcp: Engine, state: Path) -> None:
    ring = gcp.create("gcp:kms/keyRing:KeyRing", "ring", {"location": "us-central1"})
    bucket = gcp.create(
        "gcp:logging/projectBucketConfig:ProjectBucketConfig",
        "logs",
        {"project": "my-project", "location": "us-central1", "bucketId": "logs"},
    )
    gcp.delete(ring)
    gcp.delete(bucket)
    told = admin.status(state)
    assert told["objects"] == 0
    assert sorted(kept["kind"] for kept in told["retained"]) == ["kms key or ring", "log bucket"]


def test_a_provider_needs_a_project(gcp: Engine) -> None:
    assert [name for name, _ in gcp.check_config({"region": "us-central1"})] == ["project"]
    assert [name for name, _ in gcp.check_config({"project": "p", "region": "mars"})] == ["region"]
