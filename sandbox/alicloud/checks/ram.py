"""Roles and policies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

SYSTEM = ("Aliyun", "AdministratorAccess", "ReadOnlyAccess")


def trust(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Who may take on a role: sts:AssumeRole, to a service, a user or an identity provider."""
    for statement in _statements(properties["assumeRolePolicyDocument"]):
        if isinstance(statement, Problem):
            yield Problem("assumeRolePolicyDocument", statement.reason)
        elif not statement.get("Principal"):
            yield Problem("assumeRolePolicyDocument", "MalformedPolicyDocument: no Principal")
        elif statement.get("Action") != "sts:AssumeRole":
            yield Problem(
                "assumeRolePolicyDocument",
                f"MalformedPolicyDocument: {statement.get('Action')}: only sts:AssumeRole",
            )


def policy(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Statements have effect, action and resource."""
    for statement in _statements(properties["policyDocument"]):
        if isinstance(statement, Problem):
            yield Problem("policyDocument", statement.reason)
            continue
        for name in ("Effect", "Action", "Resource"):
            if not statement.get(name):
                yield Problem("policyDocument", f"MalformedPolicyDocument: no {name}")
        actions = statement.get("Action")
        for action in actions if isinstance(actions, list) else [actions]:
            if action != "*" and ":" not in str(action):
                yield Problem("policyDocument", f"MalformedPolicyDocument: {action!r}")


def _statements(text: str) -> Iterator[dict[str, Any] | Problem]:
    try:
        document = json.loads(text)
    except ValueError as error:
        yield Problem("", f"MalformedPolicyDocument: {error}")
        return
    if document.get("Version") != "1" or not document.get("Statement"):
        yield Problem("", 'MalformedPolicyDocument: it has "Version": "1" and a Statement')
        return
    yield from document["Statement"]


def kind_of_policy(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Policies of Aliyun's own are of the type System, and no others."""
    own = properties["policyName"].startswith(SYSTEM)
    if own != (properties["policyType"] == "System"):
        yield Problem("policyType", f"EntityNotExist.Policy: {properties['policyName']}")


def secret(properties: Properties, cloud: AlicloudCloud) -> str:
    """What a key signs with, of the length and the characters that keys have."""
    return hashlib.sha256(str(properties["id"]).encode()).hexdigest()[:30]
