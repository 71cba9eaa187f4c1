"""Web ACLs: what their rules may say, and where they apply."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.aws.checks import neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.values import Value

_DATA: Final = Path(__file__).parent.parent / "data" / "waf_rule_groups.yaml"
_MOST_CAPACITY: Final = 5000
"""Web ACL capacity units: "AWS WAF quotas". Above 1,500 of them requests cost more."""
_ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"
_WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_LOG_PREFIX: Final = "aws-waf-logs-"
_GROUPS: Final = ("managedRuleGroupStatement", "ruleGroupReferenceStatement")
_OVERSIZE: Final = ("CONTINUE", "MATCH", "NO_MATCH")
_HANDLED: Final = ("body", "cookies", "headers", "headerOrder", "jsonBody")
"""Parts of a request that may be longer than what is inspected."""

_CAPACITY: Final[Mapping[str, int]] = {
    "asnMatchStatement": 1,
    "geoMatchStatement": 1,
    "ipSetReferenceStatement": 1,
    "labelMatchStatement": 1,
    "regexMatchStatement": 3,
    "regexPatternSetReferenceStatement": 25,
    "sizeConstraintStatement": 1,
    "sqliMatchStatement": 20,
    "xssMatchStatement": 40,
}
"""Units of a statement alone: "Using rule statements" in the AWS WAF developer guide."""
_RATE_CAPACITY: Final = 2
_CUSTOM_KEY_CAPACITY: Final = 30
_TRANSFORMATION_CAPACITY: Final = 10
_SENSITIVE_CAPACITY: Final = 10
"""What an SQL injection statement of high sensitivity costs more."""
_MATCH_CAPACITY: Final[Mapping[str, int]] = {
    "CONTAINS": 10,
    "CONTAINS_WORD": 10,
    "ENDS_WITH": 2,
    "EXACTLY": 2,
    "STARTS_WITH": 2,
}


@cache
def _managed() -> Mapping[str, Mapping[str, Any]]:
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return loaded


def _rules(properties: Properties) -> list[Mapping[str, Any]]:
    return properties["rules"] or []


def _statement(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in rule["statement"].items() if value is not None}


def scope_fits_region(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A web ACL for CloudFront is made in us-east-1, and its settings are its own."""
    if properties["scope"] == "CLOUDFRONT" and cloud.region != "us-east-1":
        yield Problem(
            "scope",
            "WAFInvalidParameterException: The scope is not valid., field: SCOPE_VALUE, parameter: "
            f"CLOUDFRONT: it is made in us-east-1, not in {cloud.region}",
        )
    for _, bodies in properties.find("associationConfig.requestBodies[*]"):
        for kind in bodies:
            if (kind == "cloudfront") != (properties["scope"] == "CLOUDFRONT"):
                yield Problem(
                    "associationConfig",
                    f"WAFInvalidParameterException: a web ACL of the scope {properties['scope']} "
                    f"inspects no bodies of {kind}",
                )


def one_default(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """What no rule decided is allowed or blocked."""
    if len(properties["defaultAction"]) != 1:
        yield Problem("defaultAction", "WAFInvalidParameterException: give allow or block")


def one_statement_each(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A rule asks for one thing."""
    for rule in _rules(properties):
        if len(_statement(rule)) != 1:
            yield Problem(
                "rules",
                "WAFInvalidParameterException: You have used none or multiple values for a field "
                f"that requires exactly one value., field: STATEMENT: of the rule {rule['name']}",
            )


def distinct_rules(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Names and priorities are each used once."""
    for key, what in (("priority", "PRIORITY"), ("name", "RULE_NAME")):
        used = Counter(rule[key] for rule in _rules(properties))
        for value, times in used.items():
            if times > 1:
                yield Problem(
                    "rules",
                    "WAFInvalidParameterException: Your request contains a duplicate parameter., "
                    f"field: {what}: {value} is used {times} times",
                )


def actions_fit_statements(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A rule group has actions of its own, which can be overridden; other rules need one."""
    for rule in _rules(properties):
        group = any(name in _GROUPS for name in _statement(rule))
        wanted, other = ("overrideAction", "action") if group else ("action", "overrideAction")
        if len(rule.get(wanted) or ()) != 1 or rule.get(other):
            yield Problem(
                "rules",
                "WAFInvalidParameterException: A reference in your rule statement is not valid., "
                f"field: RULE_ACTION: the rule {rule['name']} must have {wanted} with one value, "
                f"and no {other}",
            )


def managed_rules_exist(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The rule groups of AWS, and the rules in them that are overridden."""
    for rule in _rules(properties):
        statement = _statement(rule).get("managedRuleGroupStatement") or {}
        if statement.get("vendorName") != "AWS":
            continue
        name = statement["name"]
        if name not in _managed():
            yield Problem(
                "rules",
                "WAFNonexistentItemException: AWS WAF couldn't perform the operation because your "
                f"resource doesn't exist: there is no rule group {name} of AWS{_near(name)}",
            )
        else:
            yield from _group_problems(statement, _managed()[name])


def _group_problems(
    statement: Mapping[str, Any], published: Mapping[str, Any]
) -> Iterator[Problem]:
    name, needed = statement["name"], published.get("configuration")
    for override in statement.get("ruleActionOverrides") or ():
        if override["name"] not in published["rules"]:
            yield Problem(
                "rules",
                f"{override['name']} is no rule of {name}: AWS WAF ignores the override without a "
                f"word{_near(override['name'], published['rules'])}",
            )
        if len(override.get("actionToUse") or ()) != 1:
            yield Problem(
                "rules",
                f"WAFInvalidParameterException: the override of {override['name']} needs one "
                "actionToUse",
            )
    configured = [
        kind for given in statement.get("managedRuleGroupConfigs") or () for kind in given
    ]
    if needed and needed not in configured:
        yield Problem(
            "rules",
            f"WAFInvalidParameterException: {name} needs managedRuleGroupConfigs with {needed}",
        )


def _near(name: str, known: list[str] | None = None) -> str:
    near = difflib.get_close_matches(name, known or list(_managed()), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def rate_is_counted_by_something(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Requests are counted by address, by an address in a header, by keys, or all together."""
    needs = {
        "FORWARDED_IP": "forwardedIpConfig",
        "CUSTOM_KEYS": "customKeys",
        "CONSTANT": "scopeDownStatement",
    }
    for rule in _rules(properties):
        statement = _statement(rule).get("rateBasedStatement") or {}
        counted_by = statement.get("aggregateKeyType", "")
        if counted_by in needs and not statement.get(needs[counted_by]):
            yield Problem(
                "rules",
                f"WAFInvalidParameterException: the rule {rule['name']} counts by {counted_by}, "
                f"which needs {needs[counted_by]}",
            )


def inspected_parts(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A statement looks at one part of a request, and says what is done when it is too long."""
    for name, given in _inside(_rules(properties), "fieldToMatch"):
        if len(given) != 1:
            yield Problem(
                "rules", f"WAFInvalidParameterException: {name} needs one part to inspect"
            )
        for part in _HANDLED:
            handling = (given.get(part) or {}).get("oversizeHandling")
            if handling is not None and handling not in _OVERSIZE:
                yield Problem(
                    "rules",
                    f"WAFInvalidParameterException: oversizeHandling {handling!r} of {part}: use "
                    f"one of {', '.join(_OVERSIZE)}",
                )


def _inside(value: Value, wanted: str) -> Iterator[tuple[str, Any]]:
    """Every value of that key at any depth, with the key above it."""
    if isinstance(value, list):
        for item in value:
            yield from _inside(item, wanted)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, dict) and item.get(wanted) is not None:
                yield key, item[wanted]
            yield from _inside(item, wanted)


def responses_exist(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A blocked request is answered with a body that the web ACL holds."""
    held = {body["key"] for body in properties["customResponseBodies"] or ()}
    asked = [
        key
        for root in (_rules(properties), [properties["defaultAction"]])
        for _, response in _inside(root, "customResponse")
        if (key := response.get("customResponseBodyKey"))
    ]
    for key in asked:
        if key not in held:
            yield Problem(
                "rules",
                f"WAFInvalidParameterException: customResponseBodies holds no {key!r}: "
                f"{', '.join(sorted(held)) or 'it is empty'}",
            )


def within_capacity(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """All rules together need no more than a web ACL has."""
    needed = capacity(properties, cloud)
    if needed > _MOST_CAPACITY:
        yield Problem(
            "rules",
            f"WAFLimitsExceededException: the rules need {needed} web ACL capacity units, and a "
            f"web ACL has {_MOST_CAPACITY}: leave rule groups out",
        )


def capacity(properties: Properties, cloud: AwsCloud) -> int:
    """The capacity units of all rules."""
    return sum(_units(_statement(rule)) for rule in _rules(properties))


def _units(statement: Mapping[str, Any]) -> int:
    return sum(_units_of(kind, given) for kind, given in statement.items() if given is not None)


def _units_of(kind: str, given: Mapping[str, Any]) -> int:
    if kind == "managedRuleGroupStatement":
        return int(_managed().get(given["name"], {"capacity": 0})["capacity"])
    if kind == "rateBasedStatement":
        keys = _CUSTOM_KEY_CAPACITY * len(given.get("customKeys") or ())
        return _RATE_CAPACITY + keys + _units(given.get("scopeDownStatement") or {})
    if kind in ("andStatement", "orStatement"):
        return sum(_units(item) for item in given.get("statements") or ())
    if kind == "notStatement":
        return _units(given.get("statement") or {})
    units = _CAPACITY.get(kind, 0)
    if kind == "byteMatchStatement":
        units = _MATCH_CAPACITY[given["positionalConstraint"]]
    if kind == "sqliMatchStatement" and given.get("sensitivityLevel") == "HIGH":
        units += _SENSITIVE_CAPACITY
    transformed = [
        item for item in given.get("textTransformations") or () if item["type"] != "NONE"
    ]
    return units + _TRANSFORMATION_CAPACITY * len(transformed)


def scope_of_balancers(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Load balancers go behind web ACLs of the regional scope."""
    acl = cloud.find(_WEB_ACL, "arn", properties["webAclArn"])
    if acl and acl.get("scope") != "REGIONAL":
        yield Problem(
            "webAclArn",
            f"WAFInvalidParameterException: {acl.label} has the scope {acl.get('scope')}: a load "
            "balancer needs one of REGIONAL",
        )


def resource_is_free(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A load balancer is behind one web ACL."""
    for other in neighbours.others(_ASSOCIATION, properties, cloud):
        if other.get("resourceArn") == properties["resourceArn"]:
            yield Problem(
                "resourceArn",
                f"the load balancer is behind another web ACL: {other.label} would be undone "
                "without a word, and its deletion leave the load balancer without any; delete it "
                "first (delete_before_replace)",
            )


def log_destination_name(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Log group, bucket or delivery stream: its name begins as AWS WAF wants it."""
    for _, arn in properties.find("logDestinationConfigs[*]"):
        name = _destination(arn)
        if not name.startswith(_LOG_PREFIX):
            yield Problem(
                "logDestinationConfigs",
                "WAFInvalidParameterException: The ARN isn't valid., field: LOG_DESTINATION, "
                f"parameter: {arn}: the name {name!r} must begin with {_LOG_PREFIX}",
            )


def _destination(arn: str) -> str:
    """The name at the end of the ARN of a log group, a bucket or a delivery stream."""
    parts = arn.removesuffix(":*").split(":", 5)
    return parts[-1].removeprefix("log-group:").removeprefix("deliverystream/")


def one_condition_each(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A condition is about an action or a label, and a hidden field about one part."""
    for path in ("loggingFilter.filters[*].conditions[*]", "redactedFields[*]"):
        for place, given in properties.find(path):
            if len(given) != 1:
                yield Problem(
                    str(place[0]),
                    "WAFInvalidParameterException: give exactly one of its kinds",
                    place,
                )


def log_group_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A log group is written to where there is one."""
    for _, arn in properties.find("logDestinationConfigs[*]"):
        plain = arn.removesuffix(":*")
        if ":log-group:" in plain and cloud.find(_LOG_GROUP, "arn", plain) is None:
            yield Problem(
                "logDestinationConfigs",
                f"WAFLogDestinationPermissionIssueException: there is no log group {plain}",
            )
