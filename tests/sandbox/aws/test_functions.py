"""The answers of the provider's functions."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.aws.estate import ACCOUNT, IMAGE, ZONE, Estate
from tests.sandbox.engine import Engine, Refused

CONTEXT = "aws:iam/getSessionContext:getSessionContext"


def test_the_caller_is_the_simulated_account(aws: Engine) -> None:
    answer = aws.invoke("aws:index/getCallerIdentity:getCallerIdentity")
    assert answer["accountId"] == ACCOUNT


def test_region_and_partition_are_those_of_the_provider(aws: Engine) -> None:
    assert aws.invoke("aws:index/getRegion:getRegion")["name"] == "us-east-1"
    assert aws.invoke("aws:index/getPartition:getPartition")["partition"] == "aws"
    principal = aws.invoke(
        "aws:index/getServicePrincipal:getServicePrincipal", {"serviceName": "logs"}
    )
    assert principal["name"] == "logs.amazonaws.com"


def test_the_zones_are_those_of_the_catalog(aws: Engine) -> None:
    answer = aws.invoke(
        "aws:index/getAvailabilityZones:getAvailabilityZones",
        {"state": "available", "excludeNames": ["us-east-1e"]},
    )
    assert answer["names"][:2] == ["us-east-1a", "us-east-1b"]
    assert answer["zoneIds"][0] == "use1-az1"
    assert "us-east-1e" not in answer["names"]


def test_a_zone_is_left_out_by_its_id(aws: Engine) -> None:
    answer = aws.invoke(
        "aws:index/getAvailabilityZones:getAvailabilityZones", {"excludeZoneIds": ["use1-az3"]}
    )
    assert "us-east-1e" not in answer["names"]
    assert "us-east-1c" in answer["names"]
    assert "use1-az3" not in answer["zoneIds"]


def test_the_role_behind_a_session_is_found(estate: Estate) -> None:
    made = estate.make("aws:iam/role:Role", "operator", name="operator", path="/people/")
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/alice"
    answer = estate.engine.invoke(CONTEXT, {"arn": session})
    assert (answer["issuerArn"], answer["sessionName"]) == (made.outputs["arn"], "alice")
    unknown = estate.engine.invoke(CONTEXT, {"arn": session.replace("operator", "ci")})
    assert unknown["issuerArn"] == f"arn:aws:iam::{ACCOUNT}:role/ci"


def test_a_user_stands_behind_no_session(aws: Engine) -> None:
    arn = aws.invoke("aws:index/getCallerIdentity:getCallerIdentity")["arn"]
    assert aws.invoke(CONTEXT, {"arn": arn})["issuerArn"] == arn


def test_a_cluster_has_a_token(aws: Engine) -> None:
    answer = aws.invoke("aws:eks/getClusterAuth:getClusterAuth", {"name": "letta"})
    assert answer["token"].startswith("k8s-aws-v1.")


def test_instance_types_are_offered_by_zone(aws: Engine) -> None:
    answer = aws.invoke(
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings",
        {
            "locationType": "availability-zone",
            "filters": [{"name": "instance-type", "values": ["t3.medium"]}],
        },
    )
    assert set(answer["instanceTypes"]) == {"t3.medium"}
    assert "us-east-1e" not in answer["locations"]
    assert len(answer["locations"]) == 5


def test_the_zone_that_the_account_holds_is_found_by_name(aws: Engine) -> None:
    assert aws.invoke("aws:route53/getZone:getZone", {"name": "example.com"})["zoneId"] == ZONE
    with pytest.raises(Refused, match=r"no matching .* the account holds example\.com"):
        aws.invoke("aws:route53/getZone:getZone", {"name": "example.org"})


def test_public_and_own_parameters_are_read(estate: Estate) -> None:
    image = estate.engine.invoke("aws:ssm/getParameter:getParameter", {"name": IMAGE})
    assert image["value"].startswith("ami-")
    own = estate.make("aws:ssm/parameter:Parameter").id
    answer = estate.engine.invoke("aws:ssm/getParameter:getParameter", {"name": own})
    assert answer["value"] == "cache.example.com"
    with pytest.raises(Refused, match="ParameterNotFound"):
        estate.engine.invoke("aws:ssm/getParameter:getParameter", {"name": "/none"})


def test_a_policy_document_is_put_together(aws: Engine) -> None:
    answer = aws.invoke(
        "aws:iam/getPolicyDocument:getPolicyDocument",
        {
            "statements": [
                {
                    "sid": "Read",
                    "actions": ["s3:GetObject"],
                    "resources": ["b", "a"],
                    "principals": [{"type": "Service", "identifiers": ["ecs.amazonaws.com"]}],
                    "conditions": [
                        {"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}
                    ],
                }
            ]
        },
    )
    assert json.loads(answer["json"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": ["a", "b"],
                "Principal": {"Service": "ecs.amazonaws.com"},
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            }
        ],
    }
