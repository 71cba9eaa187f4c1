"""What AWS refuses of roles, policies, keys and parameters, and what a change of them means."""

from __future__ import annotations

import json

from tests.sandbox.aws.cases import Case, each
from tests.sandbox.aws.estate import Estate, policy, role, trust

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SERVICE = "aws:ecs/service:Service"
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


CASES = [
    Case(
        "a policy that is no JSON",
        ROLE_POLICY,
        {"policy": "{"},
        "it is no JSON",
    ),
    Case(
        "a misspelt key",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Actions": "*"})},
        "'Actions'",
    ),
    Case(
        "an effect that is none",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Effect": "allow"})},
        "Allow or Deny",
    ),
    Case(
        "an action without a service",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Action": "Get"})},
        "prefaced by a vendor",
    ),
    Case(
        "a resource that is no ARN",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Resource": "q"})},
        "must be in ARN format",
    ),
    Case(
        "a permission with a principal",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Principal": "*"})},
        "should not specify a principal",
    ),
    Case(
        "a condition operator that is none",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Condition": {"StringIs": {"a": "b"}}})},
        "'StringIs' does not exist",
    ),
    Case(
        "an old policy language",
        ROLE_POLICY,
        {"policy": json.dumps({"Version": "2012-10-18", "Statement": [ALLOW]})},
        "2012-10-17",
    ),
    Case(
        "a role for a service that is none",
        ROLE,
        {"assumeRolePolicy": trust("ecs-task")},
        '"SERVICE":"ecs-task.amazonaws.com"',
    ),
    Case(
        "a trust policy with a resource",
        ROLE,
        {"assumeRolePolicy": policy({**ALLOW, "Principal": "*"})},
        "prohibited field Resource",
    ),
    Case(
        "a role name of 65 characters",
        ROLE,
        {"name": "r" * 65},
        "at most 64 are allowed",
    ),
    Case(
        "a managed policy that does not exist",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"policyArn": "arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy"},
        "NoSuchEntity",
    ),
    Case(
        "a key nobody may administer",
        "aws:kms/key:Key",
        {
            "policy": policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            )
        },
        "will not allow you to update the key policy",
    ),
    Case(
        "a key gone in six days",
        "aws:kms/key:Key",
        {"deletionWindowInDays": 6},
        "below the minimum of 7",
    ),
    Case(
        "an alias of AWS",
        "aws:kms/alias:Alias",
        {"name": "alias/aws/letta"},
        "alias/aws/",
    ),
    Case(
        "a parameter above 4 KB",
        "aws:ssm/parameter:Parameter",
        {"value": "x" * 4097},
        "this tier holds 4096",
    ),
    Case(
        "a profile of a role for others",
        "aws:iam/instanceProfile:InstanceProfile",
        lambda e: {"role": role(e, "rds").id},
        "does not trust ec2.amazonaws.com",
    ),
]


@each(CASES)
def test_a_bad_resource_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


def test_an_alias_is_named_after_its_resource_with_the_prefix(estate: Estate) -> None:
    alias = estate.make("aws:kms/alias:Alias")
    assert alias.outputs["name"].startswith("alias/it-")
