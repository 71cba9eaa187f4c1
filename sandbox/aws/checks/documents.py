"""IAM policy documents: whether one is well formed, and what it admits.

The grammar is that of "Grammar of the IAM JSON policy language" in the IAM user guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any, Final

_STATEMENT_KEYS: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_OPERATOR: Final = re.compile(
    r"(ForAllValues:|ForAnyValue:)?("
    r"String(Not)?(Equals(IgnoreCase)?|Like)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)"
    r"|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?|Null"
)
_ACTION: Final = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+")
_ARN: Final = re.compile(r"arn:[a-z*-]+:[a-z0-9*?-]+:[a-z0-9*?-]*:([0-9]{12}|aws|[*?]*):.+")
_AWS_PRINCIPAL: Final = re.compile(
    r"\*|[0-9]{12}|arn:[a-z-]+:(iam|sts)::[0-9]{12}:(root|(role|user|assumed-role)/.+)"
)

SERVICES: Final = frozenset(
    {
        "acm",
        "application-autoscaling",
        "autoscaling",
        "backup",
        "billingconsole",
        "budgets",
        "cloudtrail",
        "cloudwatch",
        "costalerts",
        "delivery.logs",
        "ec2",
        "ecs",
        "ecs-tasks",
        "ecs.application-autoscaling",
        "eks",
        "elasticache",
        "elasticloadbalancing",
        "events",
        "firehose",
        "kms",
        "lambda",
        "logdelivery.elasticloadbalancing",
        "logging.s3",
        "logs",
        "monitoring.rds",
        "pods.eks",
        "rds",
        "route53",
        "s3",
        "scheduler",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
        "states",
        "vpc-flow-logs",
    }
)
"""The service principals (without .amazonaws.com) that a deployment may name. AWS refuses a name
that it does not know, and so does the sandbox; one that AWS knows and this list lacks is added."""


class Use(Enum):
    """What a document is attached to."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"


class NoDocumentError(ValueError):
    """A text that is no policy document; the message says why."""


@dataclass(frozen=True)
class Statement:
    """One statement, its single values made lists."""

    raw: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        """Whether it allows and does not deny."""
        return self.raw.get("Effect") == "Allow"

    def values(self, key: str) -> list[Any]:
        """The values of `Action`, `Resource` and the like."""
        return _listed(self.raw.get(key))

    def principals(self, kind: str) -> list[str]:
        """The principals of a kind, such as `AWS` or `Service`; `*` stands for every kind."""
        given = self.raw.get("Principal")
        if given == "*":
            return ["*"]
        return _listed(given.get(kind)) if isinstance(given, dict) else []

    def covers(self, action: str) -> bool:
        """Whether its actions include that one."""
        return any(fnmatchcase(action.lower(), str(a).lower()) for a in self.values("Action"))

    def applies_to(self, resource: str) -> bool:
        """Whether its resources include that one."""
        return any(fnmatchcase(resource, str(r)) for r in self.values("Resource"))

    def conditions(self) -> Iterator[tuple[str, str, list[Any]]]:
        """Operator, key and values of each condition."""
        for operator, keys in (self.raw.get("Condition") or {}).items():
            for key, values in keys.items():
                yield operator, key, _listed(values)

    def permits(self, context: Mapping[str, str]) -> bool:
        """Whether the conditions on the keys of `context` hold; other keys are taken to hold."""
        return all(
            any(fnmatchcase(context[name], str(value)) for value in values)
            for operator, key, values in self.conditions()
            for name in context
            if key.lower() == name.lower() and operator in _POSITIVE
        )


_POSITIVE: Final = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike"})


def parse(text: str) -> list[Statement]:
    """The statements of a document. Raises NoDocumentError."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise NoDocumentError("it is no JSON") from error
    if not isinstance(document, dict):
        raise NoDocumentError("it is no JSON object")
    for key in document.keys() - {"Version", "Id", "Statement"}:
        raise NoDocumentError(f"{key!r} is not allowed beside Version, Id and Statement")
    if document.get("Version", _VERSIONS[1]) not in _VERSIONS:
        raise NoDocumentError(f"Version must be {_VERSIONS[0]!r}, not {document['Version']!r}")
    statements = _listed(document.get("Statement"))
    if not statements:
        raise NoDocumentError("it has no Statement")
    if not all(isinstance(statement, dict) for statement in statements):
        raise NoDocumentError("a Statement is no object")
    return [Statement(statement) for statement in statements]


def problems(text: str, use: Use) -> Iterator[str]:
    """What is wrong with a document, in words that say what to do."""
    try:
        statements = parse(text)
    except NoDocumentError as error:
        yield str(error)
        return
    sids = [statement.raw["Sid"] for statement in statements if "Sid" in statement.raw]
    for sid in sorted({sid for sid in sids if sids.count(sid) > 1}):
        yield f"Statement IDs (SID) in a single policy must be unique: {sid!r} is not"
    for index, statement in enumerate(statements):
        for reason in _statement_problems(statement, use):
            yield f"Statement {statement.raw.get('Sid', index)}: {reason}"


def _statement_problems(statement: Statement, use: Use) -> Iterator[str]:
    for key in sorted(statement.raw.keys() - _STATEMENT_KEYS):
        yield f"{key!r} is not allowed in a statement"
    if statement.raw.get("Effect") not in ("Allow", "Deny"):
        yield f"Effect must be Allow or Deny, not {statement.raw.get('Effect')!r}"
    sid = statement.raw.get("Sid", "")
    if use is not Use.RESOURCE and not re.fullmatch(r"[A-Za-z0-9]*", sid):
        yield f"the Sid {sid!r} may hold letters and digits only"
    yield from _either(statement, "Action", "NotAction")
    for action in [*statement.values("Action"), *statement.values("NotAction")]:
        if not isinstance(action, str) or not _ACTION.fullmatch(action):
            yield f"the action {action!r} must be prefaced by a vendor, as in s3:GetObject"
    yield from _resource_problems(statement, use)
    yield from _principal_problems(statement, use)
    for operator, _, _ in statement.conditions():
        if not _OPERATOR.fullmatch(operator):
            yield f"the condition operator {operator!r} does not exist"


def _resource_problems(statement: Statement, use: Use) -> Iterator[str]:
    if use is Use.TRUST:
        if statement.values("Resource") or statement.values("NotResource"):
            yield "Has prohibited field Resource: a role's trust policy names none"
        return
    yield from _either(statement, "Resource", "NotResource")
    for resource in [*statement.values("Resource"), *statement.values("NotResource")]:
        if resource != "*" and not (isinstance(resource, str) and _ARN.fullmatch(resource)):
            yield f'Resource {resource!r} must be in ARN format or "*"'


def _principal_problems(statement: Statement, use: Use) -> Iterator[str]:
    named = "Principal" in statement.raw or "NotPrincipal" in statement.raw
    if use is Use.IDENTITY:
        if named:
            yield "Policy document should not specify a principal: it is attached to one"
        return
    if not named:
        yield "Missing required field Principal"
    given = statement.raw.get("Principal", statement.raw.get("NotPrincipal", "*"))
    if given == "*":
        return
    if not isinstance(given, dict):
        yield f'Invalid principal in policy: {given!r}; use "*" or an object such as {{"AWS": …}}'
        return
    for kind in sorted(given.keys() - {"AWS", "Service", "Federated", "CanonicalUser"}):
        yield f"Invalid principal in policy: {kind!r} is no kind of principal"
    for principal in _listed(given.get("AWS")):
        if not _AWS_PRINCIPAL.fullmatch(str(principal)):
            yield f'Invalid principal in policy: "AWS":"{principal}"'
    for principal in _listed(given.get("Service")):
        if not _is_service(str(principal)):
            yield f'Invalid principal in policy: "SERVICE":"{principal}"'


def _is_service(principal: str) -> bool:
    """`ecs-tasks.amazonaws.com`, or with a region before `.amazonaws.com`."""
    name = principal.removesuffix(".cn").removesuffix(".amazonaws.com")
    return name != principal and re.sub(r"\.[a-z]{2}(-[a-z]+)+-\d$", "", name) in SERVICES


def _either(statement: Statement, key: str, other: str) -> Iterator[str]:
    if bool(statement.values(key)) == bool(statement.values(other)):
        yield f"it must have {key} or {other}, and only one of them"


def admits_service(
    text: str, services: Sequence[str], action: str, context: Mapping[str, str] | None = None
) -> bool:
    """Whether some statement allows one of the services the action.

    Conditions count only on the keys of `context`; a Deny is not looked at.
    """
    try:
        statements = parse(text)
    except NoDocumentError:
        return False
    return any(
        statement.allows
        and statement.covers(action)
        and statement.permits(context or {})
        and any(name in ("*", *services) for name in statement.principals("Service"))
        for statement in statements
    )


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
