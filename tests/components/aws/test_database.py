"""The database: what is asked of RDS, and the URIs that lead to it."""

from __future__ import annotations

import json
import re
from typing import Any

import pulumi
import pytest

from components.args import DatabaseArgs
from components.aws.database import ADMIN_URI, Database
from components.aws.site import Site
from components.letta.environment import POSTGRES_URI
from tests.components.aws.conftest import MakeSite
from tests.components.aws.mock_cloud import ACCOUNT, Run, run

ARGS = DatabaseArgs(
    vcpus=2,
    memory_gib=16,
    instance_type="db.r5.large",
    storage_gib=200,
    max_storage_gib=500,
    high_availability=True,
    read_replicas=1,
    backup_retention_days=14,
)


def _deploy(make_site: MakeSite, *, preview: bool = False, **changes: Any) -> Run[Database]:  # noqa: ANN401
    args = ARGS.model_copy(update=changes)
    return run(
        lambda: Database("letta-test-db", args, make_site(), pulumi.ResourceOptions()),
        preview=preview,
    )


def _primary(result: Run[Database]) -> dict[str, Any]:
    return dict(result.one("rds/instance:Instance", "letta-test-db-primary").inputs)


def _replica(result: Run[Database]) -> dict[str, Any]:
    return dict(result.one("rds/instance:Instance", "letta-test-db-replica-1").inputs)


def test_the_primary_is_as_large_and_as_safe_as_asked(make_site: MakeSite) -> None:
    primary = _primary(_deploy(make_site))
    expected = {
        "engine": "postgres",
        "engineVersion": "16",
        "instanceClass": "db.r5.large",
        "allocatedStorage": 200,
        "maxAllocatedStorage": 500,
        "storageType": "gp3",
        "multiAz": True,
        "storageEncrypted": True,
        "publiclyAccessible": False,
        "backupRetentionPeriod": 14,
        "deleteAutomatedBackups": False,
        "copyTagsToSnapshot": True,
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "autoMinorVersionUpgrade": True,
        "allowMajorVersionUpgrade": True,
        "applyImmediately": False,
        "caCertIdentifier": "rds-ca-rsa2048-g1",
        "engineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "monitoringInterval": 60,
        "performanceInsightsEnabled": True,
        "performanceInsightsRetentionPeriod": 7,
        "databaseInsightsMode": "standard",
        "dbName": "letta",
        "username": "letta_admin",
        "port": 5432,
    }
    assert {key: primary.get(key) for key in expected} == expected


def test_what_a_policy_reads_is_known_at_preview(make_site: MakeSite) -> None:
    result = _deploy(make_site, preview=True)
    name = result.value(result.result.identifier)
    assert re.fullmatch(r"letta-test-db-[0-9a-f]{7}", name)
    primary = _primary(result)
    assert primary["identifier"] == name
    assert primary["finalSnapshotIdentifier"] == f"{name}-final"
    assert primary["parameterGroupName"].startswith("letta-test-db-postgres16-")
    assert _replica(result)["identifier"] == f"{name}-replica-1"
    assert _replica(result)["replicateSourceDb"] == name


def test_a_replica_takes_from_its_primary_what_it_may_not_set(make_site: MakeSite) -> None:
    replica = _replica(_deploy(make_site))
    for forbidden in (
        "username",
        "password",
        "dbName",
        "dbSubnetGroupName",
        "finalSnapshotIdentifier",
        "kmsKeyId",
        "engine",
        "multiAz",
    ):
        assert forbidden not in replica
    assert replica["skipFinalSnapshot"] is True
    assert replica["storageEncrypted"] is True
    assert replica["instanceClass"] == "db.r5.large"
    assert replica["deletionProtection"] is False


def test_there_are_as_many_replicas_as_asked(make_site: MakeSite) -> None:
    for count in (0, 2):
        result = _deploy(make_site, read_replicas=count)
        assert len(result.all("rds/instance:Instance")) == 1 + count
        assert len(result.result.replica_addresses) == count


def test_the_uri_is_whole_and_without_query_or_escapes(make_site: MakeSite) -> None:
    result = _deploy(make_site)
    uris = {
        each.name: each.inputs["secretString"]
        for each in result.all(":SecretVersion")
        if each.name.endswith("-uri")
    }
    address = result.value(result.result.address)
    app = uris["letta-test-db-app-uri"]
    assert re.fullmatch(rf"postgresql://letta:[A-Za-z0-9]{{32}}@{address}:5432/letta", app)
    admin = uris["letta-test-db-admin-uri"]
    assert re.fullmatch(rf"postgresql://letta_admin:\w{{32}}@{address}:5432/letta", admin)
    assert _primary(result)["password"] in admin
    assert _primary(result)["password"] not in app


def test_the_administrators_uri_is_not_among_the_servers_references(make_site: MakeSite) -> None:
    result = _deploy(make_site, preview=True)
    database = result.result
    assert set(database.references) == {POSTGRES_URI}
    assert set(database.admin_references) == {ADMIN_URI}
    assert "-admin-uri-" in result.value(database.admin_references[ADMIN_URI].name)
    assert "-app-uri-" in result.value(database.references[POSTGRES_URI].name)


def test_passwords_and_uris_are_secrets_wherever_they_go(make_site: MakeSite) -> None:
    result = _deploy(make_site)
    passwords = {
        str(each.inputs["secretString"]).split(":")[2].split("@")[0]
        for each in result.all(":SecretVersion")
        if each.name.endswith("-uri")
    }
    assert len(passwords) == 2
    for resource in result.resources:
        for key, value in resource.inputs.items():
            if key not in resource.secrets:
                assert not any(password in json.dumps(value) for password in passwords)


def test_parameters_fit_the_memory_and_the_group_is_named_by_version(make_site: MakeSite) -> None:
    result = _deploy(make_site, engine_version="17")
    group = result.one("rds/parameterGroup:ParameterGroup")
    assert group.name == "letta-test-db-postgres17"
    assert group.inputs["family"] == "postgres17"
    assert {
        "name": "shared_buffers",
        "value": "524288",
        "applyMethod": "pending-reboot",
    } in group.inputs["parameters"]


def test_rds_writes_into_log_groups_that_have_retention_and_key_before_it_starts(
    make_site: MakeSite,
) -> None:
    result = _deploy(make_site)
    name = result.value(result.result.identifier)
    groups = {
        each.inputs["name"]: each for each in result.all(":LogGroup") if "name" in each.inputs
    }
    assert set(groups) == {
        f"/aws/rds/instance/{server}/{log}"
        for server in (name, f"{name}-replica-1")
        for log in ("postgresql", "upgrade")
    }
    assert all(each.inputs["retentionInDays"] == 30 for each in groups.values())
    assert all("kmsKeyId" in each.inputs for each in groups.values())
    primary = result.one("rds/instance:Instance", "letta-test-db-primary")
    assert {
        "LogGroup letta-test-db-primary-postgresql",
        "LogGroup letta-test-db-primary-upgrade",
    } <= (primary.depends_on)


def test_enhanced_monitoring_has_a_role_that_this_account_alone_may_lend(
    make_site: MakeSite,
) -> None:
    result = _deploy(make_site)
    trust = json.loads(result.one(":Role").inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "monitoring.rds.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    attached = result.one(":RolePolicyAttachment").inputs["policyArn"]
    assert attached == "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"


def test_what_is_turned_off_leaves_nothing_behind(make_site: MakeSite) -> None:
    result = _deploy(make_site, monitoring_interval_seconds=0, performance_insights=False)
    assert not result.all(":Role")
    primary = _primary(result)
    assert "monitoringRoleArn" not in primary
    assert "performanceInsightsKmsKeyId" not in primary
    assert "performanceInsightsRetentionPeriod" not in primary


def test_the_database_sits_in_its_own_subnets_behind_its_own_group(make_site: MakeSite) -> None:
    sites: list[Site] = []

    def program() -> Database:
        sites.append(make_site())
        return Database("letta-test-db", ARGS, sites[0], pulumi.ResourceOptions())

    result = run(program)
    network = sites[0].network
    assert result.one("rds/subnetGroup:SubnetGroup").inputs["subnetIds"] == [
        result.value(subnet) for subnet in network.database_subnet_ids
    ]
    assert _primary(result)["vpcSecurityGroupIds"] == [
        result.value(network.security_groups["database"])
    ]


def test_a_class_has_to_be_chosen_before(make_site: MakeSite) -> None:
    with pytest.raises(ValueError, match="size table"):
        _deploy(make_site, instance_type=None)


def test_all_parts_of_the_database_are_its_children(make_site: MakeSite) -> None:
    result = _deploy(make_site)
    parts = [each for each in result.resources if each.name.startswith("letta-test-db-")]
    assert len(parts) > 20
    assert {each.parent for each in parts} == {"letta-test-db"}
