"""Roles and policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.aws.checks import documents
from sandbox.aws.checks.documents import Use
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_MANAGED_POLICIES = Path(__file__).parent.parent / "data" / "managed_policies.txt"
_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_MANAGED = ":iam::aws:policy/"
ROLE = "aws:iam/role:Role"


def trust_policy(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The document that says who may take a role on."""
    yield from _problems("assumeRolePolicy", properties, Use.TRUST)


def identity_policy(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A document that gives permissions to whoever it is attached to."""
    yield from _problems("policy", properties, Use.IDENTITY)


def resource_policy(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A document on a thing, which says who may use it."""
    yield from _problems("policy", properties, Use.RESOURCE)


def _problems(name: str, properties: Properties, use: Use) -> Iterator[Problem]:
    text = properties[name]
    if text:
        for reason in documents.problems(text, use):
            yield Problem(name, f"MalformedPolicyDocument: {reason}")


@cache
def _managed_policies() -> frozenset[str]:
    return frozenset(_MANAGED_POLICIES.read_text(encoding="utf-8").splitlines())


def managed_policy_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A policy that AWS manages must be one of those there are."""
    arn = properties["policyArn"]
    _, managed, name = arn.partition(_MANAGED)
    if managed and name not in _managed_policies():
        yield Problem(
            "policyArn", f"NoSuchEntity: Policy {arn} does not exist or is not attachable"
        )


def trusts(
    cloud: AwsCloud, role_arn: str, service: str, actions: Sequence[str] = ("sts:AssumeRole",)
) -> bool:
    """Whether a service may take on the role; true of a role that is not in the cloud."""
    role = cloud.find(ROLE, "arn", role_arn)
    return role is None or all(
        _trusts(role.get("assumeRolePolicy"), service, action) for action in actions
    )


def _trusts(policy: str, service: str, action: str = "sts:AssumeRole") -> bool:
    return documents.admits_service(policy, [f"{service}.amazonaws.com"], action)


def managed_policies(cloud: AwsCloud, role_arn: str) -> frozenset[str] | None:
    """Names of the policies of AWS that a role has; None of a role that is not in the cloud."""
    role = cloud.find(ROLE, "arn", role_arn)
    if role is None:
        return None
    attached = [
        item.get("policyArn")
        for item in cloud.all(_ATTACHMENT)
        if item.get("role") in (role.id, role_arn)
    ]
    return frozenset(
        arn.rpartition("/")[2]
        for arn in (*attached, *(role.get("managedPolicyArns") or []))
        if _MANAGED in arn
    )


def role_trusts_instances(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """EC2 hands an instance profile's role to instances only if the role admits it."""
    role = cloud.find(ROLE, "name", properties["role"]) if properties["role"] else None
    if role and not _trusts(role.get("assumeRolePolicy"), "ec2"):
        yield Problem(
            "role",
            f"the role {role.id} does not trust ec2.amazonaws.com: no instance would get it; "
            "allow sts:AssumeRole to that service in assumeRolePolicy",
        )


def policy_document(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getPolicyDocument."""
    document: dict[str, Any] = {"Version": arguments["version"] or "2012-10-17"}
    if arguments["policyId"]:
        document["Id"] = arguments["policyId"]
    document["Statement"] = [_statement(given) for given in arguments["statements"] or []]
    return {
        "id": "policy-document",
        "json": json.dumps(document, indent=2),
        "minifiedJson": json.dumps(document, separators=(",", ":")),
    }


def session_context(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getSessionContext: the role behind a session, or the same ARN again."""
    arn = arguments["arn"]
    session = re.fullmatch(r"arn:([^:]+):sts::(\d{12}):assumed-role/([^/]+)/(.+)", arn)
    if session is None:
        return {"id": arn, "arn": arn, "issuerArn": arn, "issuerId": "", "issuerName": ""}
    partition, account, name, session_name = session.groups()
    role = cloud.find(ROLE, "name", name)
    return {
        "id": arn,
        "arn": arn,
        "issuerArn": role.get("arn") if role else f"arn:{partition}:iam::{account}:role/{name}",
        "issuerId": role.get("uniqueId") if role else "",
        "issuerName": name,
        "sessionName": session_name,
    }


def _statement(given: dict[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": given["sid"]} if given.get("sid") else {}
    statement["Effect"] = given.get("effect") or "Allow"
    for key, plural in (
        ("Action", "actions"),
        ("NotAction", "notActions"),
        ("Resource", "resources"),
        ("NotResource", "notResources"),
    ):
        if given.get(plural):
            statement[key] = _single(given[plural])
    for key, plural in (("Principal", "principals"), ("NotPrincipal", "notPrincipals")):
        if given.get(plural):
            statement[key] = _principal(given[plural])
    for condition in given.get("conditions") or []:
        by_operator = statement.setdefault("Condition", {})
        by_operator.setdefault(condition["test"], {})[condition["variable"]] = _single(
            condition["values"]
        )
    return statement


def _principal(given: list[dict[str, Any]]) -> str | dict[str, Any]:
    if any(principal["type"] == "*" for principal in given):
        return "*"
    return {principal["type"]: _single(principal["identifiers"]) for principal in given}


def _single(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else sorted(values)
