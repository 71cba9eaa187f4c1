"""Load balancers, listeners and target groups."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.aws.checks import acm, neighbours, s3
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

LOAD_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
LISTENER: Final = "aws:lb/listener:Listener"
LISTENER_RULE: Final = "aws:lb/listenerRule:ListenerRule"
TARGET_GROUP: Final = "aws:lb/targetGroup:TargetGroup"
_SECURITY_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_CERTIFICATE: Final = "aws:acm/certificate:Certificate"

_SSL_POLICY: Final = re.compile(
    r"ELBSecurityPolicy-(2016-08|TLS-1-[012]-2017-01|TLS-1-2-Ext-2018-06"
    r"|FS-(2018-06|1-[12](-Res)?-20(19-08|20-10))"
    r"|TLS13-1-(3|2|2-Res|2-Ext[12]|1|0)-2021-06"
    r"|TLS13-1-(3|2|2-Res|2-Ext[0-2]|1|0)-(FIPS-2023-04|PQ-2025-09|FIPS-PQ-2025-09))"
)
"""Names of predefined policies ("Security policies for your Application Load Balancer")."""
_MATCHER: Final = re.compile(r"[2-4]\d\d([-,][2-4]\d\d)*")
_ACTION_NEEDS: Final = {"redirect": "redirect", "fixed-response": "fixedResponse"}
_CONDITION_KINDS: Final = (
    "hostHeader",
    "httpHeader",
    "httpRequestMethod",
    "pathPattern",
    "queryStrings",
    "sourceIp",
)


def _subnet_ids(properties: Properties) -> list[str]:
    mapped = [mapping["subnetId"] for mapping in properties["subnetMappings"] or []]
    return [*(properties["subnets"] or []), *mapped]


def subnets(properties: Properties, cloud: AwsCloud) -> list[str]:
    """The subnets, however they were given."""
    return [mapping["subnetId"] for mapping in properties["subnetMappings"] or []]


def subnet_mappings(properties: Properties, cloud: AwsCloud) -> list[dict[str, str]]:
    """The subnets as the provider lists them beside `subnets`."""
    return [{"subnetId": subnet} for subnet in properties["subnets"] or []]


def vpc(properties: Properties, cloud: AwsCloud) -> str | None:
    """The VPC of the subnets."""
    return next(iter(neighbours.vpcs(_subnet_ids(properties), cloud)), None)


def two_zones(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """An application load balancer stands in two zones at least, with one subnet in each."""
    ids = _subnet_ids(properties)
    found = [subnet.get("availabilityZone") for subnet in neighbours.subnets(ids, cloud)]
    if len(set(found)) < 2:
        yield Problem(
            "subnets",
            "ValidationError: At least two subnets in two different Availability Zones must be "
            f"specified: these are in {', '.join(sorted(set(found))) or 'none'}",
        )
    for zone in sorted({zone for zone in found if found.count(zone) > 1}):
        yield Problem(
            "subnets",
            "InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets "
            f"in the same Availability Zone: {zone}",
        )
    if len(neighbours.vpcs(ids, cloud)) > 1:
        yield Problem("subnets", "InvalidSubnet: the subnets are not in one VPC")


def groups_in_its_vpc(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Its security groups are in the VPC of its subnets."""
    own = vpc(properties, cloud)
    for group_id in properties["securityGroups"] or []:
        group = cloud.find(_SECURITY_GROUP, "id", group_id)
        if group and own and group.get("vpcId") != own:
            yield Problem(
                "securityGroups",
                f"InvalidConfigurationRequest: The security group {group_id} does not belong to "
                f"VPC {own}",
            )


def log_bucket_admits_it(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """ELB must be able to write to the bucket of the access log."""
    logs = properties["accessLogs"] or {}
    if not logs.get("enabled") or not logs.get("bucket"):
        return
    arn = (
        f"arn:{cloud.partition}:elasticloadbalancing:{cloud.region}:{cloud.account}:"
        f"loadbalancer/app/{properties['name']}/0"
    )
    reason = s3.admits_log_delivery(logs["bucket"], arn, cloud)
    if reason:
        yield Problem(
            "accessLogs",
            "InvalidConfigurationRequest: Access Denied for bucket: "
            f"{logs['bucket']}. Please check S3bucket permission: {reason}",
        )


def target_group(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Targets need a VPC, port and protocol; the health check must fit into its interval."""
    if properties["targetType"] != "lambda":
        for name in ("vpcId", "port", "protocol"):
            if properties[name] is None:
                yield Problem(name, "ValidationError: it is required for targets of this type")
    slow_start = properties["slowStart"]
    if slow_start and not 30 <= slow_start <= 900:
        yield Problem("slowStart", f"ValidationError: {slow_start} is neither 0 nor 30 to 900")
    health = properties["healthCheck"] or {}
    interval, timeout = health.get("interval", 30), health.get("timeout", 5)
    if timeout >= interval:
        yield Problem(
            "healthCheck",
            f"ValidationError: Health check interval must be greater than the timeout: {interval} "
            f"is not greater than {timeout}",
        )
    if not str(health.get("path", "/")).startswith("/"):
        yield Problem("healthCheck", "ValidationError: Health check path must begin with '/'")
    if not _MATCHER.fullmatch(str(health.get("matcher", "200"))):
        yield Problem(
            "healthCheck",
            f"ValidationError: Health check matcher HTTP code '{health['matcher']}' must be within "
            "'200-499' inclusive",
        )


def listener_tls(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """HTTPS needs a certificate and a policy that exists; HTTP takes neither."""
    secure = properties["protocol"] == "HTTPS"
    if secure and not properties["certificateArn"]:
        yield Problem(
            "certificateArn",
            "ValidationError: A certificate must be specified for HTTPS listeners",
        )
    for name in ("certificateArn", "sslPolicy"):
        if properties[name] and not secure:
            yield Problem(name, "ValidationError: it goes with the protocol HTTPS only")
    policy = properties["sslPolicy"]
    if policy and not _SSL_POLICY.fullmatch(policy):
        yield Problem(
            "sslPolicy",
            f"SSLPolicyNotFound: SSL policy '{policy}' not found: one of TLS 1.3 and 1.2 is "
            "ELBSecurityPolicy-TLS13-1-2-2021-06",
        )


def default_actions(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """What a listener does at the end."""
    yield from _action_problems("defaultActions", properties)


def rule_actions(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """What a rule does."""
    yield from _action_problems("actions", properties)


def _action_problems(name: str, properties: Properties) -> Iterator[Problem]:
    for action in properties[name]:
        kind = action["type"]
        if kind == "forward" and not (action.get("targetGroupArn") or action.get("forward")):
            yield Problem(name, "ValidationError: a forward action must name a target group")
        needed = _ACTION_NEEDS.get(kind)
        if needed and not action.get(needed):
            yield Problem(name, f"ValidationError: a {kind} action needs {needed}")


def rule_conditions(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Each condition is of one kind; a rule has five values at most."""
    values = 0
    for condition in properties["conditions"]:
        given = [kind for kind in _CONDITION_KINDS if condition.get(kind)]
        if len(given) != 1:
            yield Problem(
                "conditions",
                f"ValidationError: a condition is one of {', '.join(_CONDITION_KINDS)}, this one "
                f"has {' and '.join(given) or 'none'}",
            )
        values += sum(len(condition[kind].get("values") or []) for kind in given)
    if values > 5:
        yield Problem(
            "conditions",
            f"TooManyConditionValues: a rule can have 5 condition values, not {values}",
        )


def port_is_free(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A load balancer has one listener at a port."""
    for other in neighbours.others(LISTENER, properties, cloud):
        same = other.get("loadBalancerArn") == properties["loadBalancerArn"]
        if same and other.get("port") == properties["port"]:
            yield Problem(
                "port",
                "DuplicateListener: A listener already exists on this port for this load balancer: "
                f"{other.label}",
            )


def certificate_is_issued(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A listener takes only a certificate that has been issued."""
    arn = properties["certificateArn"]
    certificate = cloud.find(_CERTIFICATE, "arn", arn) if arn else None
    if certificate is not None and not acm.issued(certificate, cloud):
        yield Problem(
            "certificateArn",
            f"UnsupportedCertificate: The certificate '{arn}' must have a fully-qualified domain "
            "name, a supported signature, and a supported key size, and be issued: it is pending "
            "validation, wait for it with a CertificateValidation",
        )


def target_groups_in_its_vpc(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Targets are in the VPC of the load balancer."""
    balancer = cloud.find(LOAD_BALANCER, "arn", properties["loadBalancerArn"])
    for arn in _targets(properties["defaultActions"]):
        group = cloud.find(TARGET_GROUP, "arn", arn)
        if group and balancer and group.get("vpcId") != balancer.get("vpcId"):
            yield Problem(
                "defaultActions",
                f"InvalidConfigurationRequest: the target group {arn} is in "
                f"{group.get('vpcId')}, the load balancer in {balancer.get('vpcId')}",
            )


def _targets(actions: list[Mapping[str, Any]]) -> Iterator[str]:
    for action in actions:
        if action.get("targetGroupArn"):
            yield action["targetGroupArn"]
        for group in (action.get("forward") or {}).get("targetGroups") or []:
            yield group["arn"]


def listens_for(target_group_arn: str, cloud: AwsCloud) -> bool:
    """Whether some listener or rule forwards to the target group."""
    actions = [
        *(listener.get("defaultActions") for listener in cloud.all(LISTENER)),
        *(rule.get("actions") for rule in cloud.all(LISTENER_RULE)),
    ]
    return any(target_group_arn in _targets(given) for given in actions)


def priority_is_free(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The rules of a listener have different priorities."""
    for other in neighbours.others(LISTENER_RULE, properties, cloud):
        same = other.get("listenerArn") == properties["listenerArn"]
        if same and other.get("priority") == properties["priority"]:
            yield Problem(
                "priority", f"PriorityInUse: Priority '{properties['priority']}' is in use"
            )


def next_priority(properties: Properties, cloud: AwsCloud) -> int:
    """The priority after the last one of the listener."""
    taken = [
        rule.get("priority")
        for rule in cloud.all(LISTENER_RULE)
        if rule.get("listenerArn") == properties["listenerArn"]
    ]
    return max(taken, default=0) + 1


def rule_arn(properties: Properties, cloud: AwsCloud) -> str:
    """The listener's ARN as a rule's, with an id of its own."""
    listener = properties["listenerArn"].replace(":listener/", ":listener-rule/")
    return f"{listener}/{properties['priority']:016x}"
