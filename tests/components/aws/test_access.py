"""Access: nobody may do more than is named, and what is named can be read at preview."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from components.aws import iam
from components.aws.place import Place
from tests.components.aws.deployment import FARGATE, deployed
from tests.components.aws.mock_cloud import ACCOUNT, REGION, UNKNOWN, run

_DEPLOYMENTS: dict[str, dict[str, Any]] = {
    "small": {"tier": "small"},
    "medium": {"tier": "medium"},
    "fargate": {"tier": "medium", "api": FARGATE, "worker": {**FARGATE, "memory_gib": 4}},
    "large": {
        "tier": "large",
        "llm": {"hosting": "vllm"},
        "ingress": {
            "domain": "letta.example.com",
            "hosted_zone": "example.com",
            "control_plane": {"allowed_cidrs": []},
        },
    },
}
_PLACE = Place(region=REGION, account=ACCOUNT, partition="aws")


def _statements(deployment: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of the policy and statement, of all that roles may do."""
    result = deployed(**_DEPLOYMENTS[deployment], preview=True)
    policies = [*result.all("iam/rolePolicy:RolePolicy"), *result.all("iam/policy:Policy")]
    assert policies
    for policy in policies:
        assert UNKNOWN not in policy.inputs["policy"], f"{policy.name} is unknown at preview"
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            yield policy.name, statement


@pytest.mark.parametrize("deployment", _DEPLOYMENTS)
def test_actions_are_named_one_by_one(deployment: str) -> None:
    for name, statement in _statements(deployment):
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            assert "*" not in action, f"{name} allows {action}"


@pytest.mark.parametrize("deployment", _DEPLOYMENTS)
def test_resources_are_named_wherever_an_action_takes_one(deployment: str) -> None:
    for name, statement in _statements(deployment):
        if "*" in statement["Resource"]:
            assert set(statement["Action"]) <= iam.UNSCOPABLE, f"{name}: {statement['Action']}"
        for resource in statement["Resource"]:
            assert resource == "*" or resource.startswith("arn:aws:"), f"{name}: {resource}"


@pytest.mark.parametrize("deployment", _DEPLOYMENTS)
def test_all_objects_of_a_kind_are_allowed_under_a_condition_only(deployment: str) -> None:
    for name, statement in _statements(deployment):
        for resource in statement["Resource"]:
            if resource.endswith("/*") and resource.count("/") == 1:
                assert statement.get("Condition"), f"{name}: {resource}"


@pytest.mark.parametrize("deployment", _DEPLOYMENTS)
def test_every_right_without_a_resource_is_in_use(deployment: str) -> None:
    unscoped = {
        action
        for _, statement in _statements(deployment)
        if statement["Resource"] == ["*"]
        for action in statement["Action"]
    }
    expected = {
        "small": {"ec2:DescribeAddresses", "ecs:DiscoverPollEndpoint"},
        "medium": {"ecs:DiscoverPollEndpoint"},
        "fargate": set(),
        "large": iam.UNSCOPABLE - {"ec2:DescribeAddresses", "ecs:DiscoverPollEndpoint"},
    }
    assert unscoped == expected[deployment]


@pytest.mark.parametrize("deployment", _DEPLOYMENTS)
def test_roles_are_for_services_of_aws_and_only_the_dump_s_container_has_one(
    deployment: str,
) -> None:
    result = deployed(**_DEPLOYMENTS[deployment], preview=True)
    for role in result.all("iam/role:Role"):
        [statement] = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        pods = statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        wanted = ["sts:AssumeRole", "sts:TagSession"] if pods else "sts:AssumeRole"
        assert statement["Action"] == wanted
        assert list(statement["Principal"]) == ["Service"], role.name
    for task in result.all(":TaskDefinition"):
        assert ("taskRoleArn" in task.inputs) == (task.name == "letta-test-dump")


def test_tasks_of_other_accounts_cannot_take_the_role() -> None:
    [statement] = json.loads(iam.tasks(_PLACE))["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"},
    }


@pytest.mark.parametrize(
    ("role", "variables"),
    [
        ("letta-test-boot-start", 4),
        ("letta-test-api-start", 4),
        ("letta-test-work-start", 4),
    ],
)
def test_a_starting_role_reads_its_own_references_and_no_others(role: str, variables: int) -> None:
    result = deployed("medium")
    [reads, decrypt, logs] = json.loads(result.one(":RolePolicy", role).inputs["policy"])[
        "Statement"
    ]
    task = result.one(":TaskDefinition", role.removesuffix("-start")).inputs
    [container] = json.loads(task["containerDefinitions"])
    named = [each["valueFrom"] for each in container["secrets"]]
    assert len(named) == variables
    assert sorted(arn.removesuffix("-??????") for arn in reads["Resource"]) == sorted(named)
    assert decrypt["Action"] == ["kms:Decrypt"]
    group = container["logConfiguration"]["options"]["awslogs-group"]
    assert logs["Resource"] == [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*"]


def test_only_the_bootstrap_reads_the_administrators_uri() -> None:
    result = deployed("medium")
    holders = {
        policy.name
        for policy in result.all(":RolePolicy")
        if "letta-test-db-admin-uri" in policy.inputs["policy"]
    }
    assert holders == {"letta-test-boot-start"}


def test_the_key_is_used_through_the_secret_store_and_by_its_alias_alone() -> None:
    result = deployed("medium")
    policy = json.loads(result.one(":RolePolicy", "letta-test-api-start").inputs["policy"])
    [decrypt] = [each for each in policy["Statement"] if "kms:Decrypt" in each["Action"]]
    alias = result.one(":Alias")
    assert decrypt["Condition"]["StringEquals"] == {
        "kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"
    }
    [named] = decrypt["Condition"]["ForAnyValue:StringEquals"].values()
    assert named.startswith(f"alias/{alias.name}-")


def test_the_function_passes_one_role_to_tasks_and_runs_one_family_on_one_cluster() -> None:
    result = deployed("medium")
    statements = json.loads(result.one(":RolePolicy", "letta-test-boot-function").inputs["policy"])
    by_action = {each["Action"][0]: each for each in statements["Statement"]}
    [passed] = by_action["iam:PassRole"]["Resource"]
    assert passed.startswith(f"arn:aws:iam::{ACCOUNT}:role/letta-test-boot-start-")
    assert by_action["iam:PassRole"]["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }
    assert by_action["ecs:RunTask"]["Resource"] == [
        f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/letta-test-boot:*"
    ]
    [cluster] = by_action["ecs:RunTask"]["Condition"]["ArnEquals"].values()
    assert cluster.startswith(f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/letta-test-cluster-")


def test_a_machine_may_take_the_address_of_its_own_stack_only() -> None:
    result = deployed("small")
    statements = json.loads(result.one(":RolePolicy", "letta-test-api-machine").inputs["policy"])
    [associate] = [
        each for each in statements["Statement"] if "ec2:AssociateAddress" in each["Action"]
    ]
    [(key, value)] = associate["Condition"]["StringEquals"].items()
    tag = key.removeprefix("ec2:ResourceTag/")
    assert value.startswith("letta-test-cluster-")
    specifications = result.one(":LaunchTemplate").inputs["tagSpecifications"]
    tagged = {each["resourceType"]: each["tags"] for each in specifications}
    tagged["elastic-ip"] = result.one(":Eip").inputs["tags"]
    for resource in associate["Resource"]:
        kind = resource.rsplit(":", 1)[1].removesuffix("/*")
        assert tagged[kind][tag] == value


def test_whoever_uses_a_role_waits_for_its_rights() -> None:
    def program() -> None:
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        made = iam.role(parent, "role", _PLACE, iam.trust("ec2.amazonaws.com"), [])
        pulumi.ComponentResource("test:index:User", "user", {"role": made.arn})
        pulumi.ComponentResource("test:index:Named", "named", {"role": made.name})

    result = run(program)
    assert "RolePolicy role" in result.one(":User").depends_on
    assert "RolePolicy role" in result.one(":Named").depends_on
