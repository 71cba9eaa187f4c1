"""The application load balancer."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from sandbox.alicloud.checks import network
from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

BALANCER = "alicloud:alb/loadBalancer:LoadBalancer"
LISTENER = "alicloud:alb/listener:Listener"
RULE = "alicloud:alb/rule:Rule"
ENTRY = "alicloud:alb/aclEntryAttachment:AclEntryAttachment"
STORE = "alicloud:log/store:Store"
SYSTEM_POLICIES = (
    "tls_cipher_policy_1_0",
    "tls_cipher_policy_1_1",
    "tls_cipher_policy_1_2",
    "tls_cipher_policy_1_2_strict",
    "tls_cipher_policy_1_2_strict_with_1_3",
)
"""Policies of Aliyun's own (ALB documentation, "TLS security policies")."""
FINAL = ("ForwardGroup", "Redirect", "FixedResponse")
"""Actions that end a rule: one of them, and the last (ALB documentation, "Forwarding rules")."""
MOST_CONDITIONS = 10
STORE_PREFIX = "alb_"
EVERY_ADDRESS = "0.0.0.0/0"
_REQUEST = "Request"
_CODES = re.compile(r"http_[1-5]xx")


def zones_once(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Each zone stands once."""
    zones = [zone for _, zone in properties.find("zoneMappings[*].zoneId")]
    for twice in sorted({zone for zone in zones if zones.count(zone) > 1}):
        yield Problem("zoneMappings", f"IllegalParam.ZoneMappings: {twice} is named twice")
    for zone in zones:
        if zone not in cloud.zones:
            yield Problem("zoneMappings", f"{zone} is no zone of {cloud.region}")


def switches_in_zones(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Each vSwitch is in its zone, and in the network."""
    for _, mapping in properties.find("zoneMappings[*]"):
        switch = cloud.find(network.SWITCH, "id", mapping["vswitchId"])
        if switch is None:
            continue  # a reference to it is refused already
        if switch.get("zoneId") != mapping["zoneId"]:
            yield Problem("zoneMappings", f"{switch.label} is not in {mapping['zoneId']}")
        if switch.get("vpcId") != properties["vpcId"]:
            yield Problem("zoneMappings", f"{switch.label} is in another network")


def log_store_exists(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The log of requests goes to a store that is there; its name begins with alb_ (ALB
    documentation, "Access logs")."""
    given = properties["accessLogConfig"]
    if given is None:
        return
    name = str(given.get("logStore"))
    if not name.startswith(STORE_PREFIX):
        yield Problem("accessLogConfig", f"{name}: its name must begin with {STORE_PREFIX}")
    if not any(
        store.get("projectName") == given.get("logProject") and store.get("logstoreName") == name
        for store in cloud.all(STORE)
    ):
        yield Problem("accessLogConfig", f"LogStoreNotExist: there is no store {name}")


def health_check(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A check of HTTP names a path and codes such as http_2xx, and waits no longer than its
    interval."""
    check: dict[str, Any] = properties["healthCheckConfig"]
    if not check.get("healthCheckEnabled"):
        return
    path = check.get("healthCheckPath")
    if path is not None and not str(path).startswith("/"):
        yield Problem("healthCheckConfig", f"healthCheckPath {path!r} must begin with /")
    for code in check.get("healthCheckCodes") or []:
        if not _CODES.fullmatch(str(code)):
            yield Problem("healthCheckConfig", f"{code!r} is no code: use http_2xx, http_3xx …")


def certificate(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """TLS has a certificate, and HTTP has none."""
    encrypted = properties["listenerProtocol"] != "HTTP"
    if encrypted != bool(properties["certificates"]):
        yield Problem(
            "certificates", "MissingParam.Certificates: they go with HTTPS, which needs one"
        )


def certificate_exists(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The certificate is one of the account's."""
    known = cloud.beforehand["certificates"]
    for _, name in properties.find("certificates.certificateId"):
        if name not in known:
            yield Problem(
                "certificates",
                f"ResourceNotFound.Certificate: {name}; the account has {', '.join(known)}",
            )


def security_policy(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A policy of Aliyun's own that there is, on a listener that speaks TLS."""
    given = properties["securityPolicyId"]
    if given is None:
        return
    if properties["listenerProtocol"] == "HTTP":
        yield Problem("securityPolicyId", "it goes with HTTPS alone")
    if given not in SYSTEM_POLICIES:
        yield Problem(
            "securityPolicyId", f"{given!r} does not exist: use {', '.join(SYSTEM_POLICIES)}"
        )


def port_is_free(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A port has one listener, but for QUIC beside another."""
    for other in cloud.all(LISTENER):
        same = all(
            other.get(name) == properties[name] for name in ("loadBalancerId", "listenerPort")
        )
        quic = "QUIC" in (other.get("listenerProtocol"), properties["listenerProtocol"])
        if same and not quic and other.id != properties["id"]:
            yield Problem(
                "listenerPort",
                f"ResourceAlreadyExist.Listener: {other.label} listens on "
                f"{properties['listenerPort']}",
            )


def conditions(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Each condition has its values; ten in all."""
    kinds = {
        "Host": "hostConfig",
        "Path": "pathConfig",
        "Method": "methodConfig",
        "SourceIp": "sourceIpConfig",
        "Header": "headerConfig",
        "QueryString": "queryStringConfig",
        "Cookie": "cookieConfig",
    }
    values = 0
    for _, condition in properties.find("ruleConditions[*]"):
        where = kinds.get(condition["type"])
        if where is None:
            continue
        given = (condition.get(where) or {}).get("values") or []
        values += len(given)
        if not given:
            yield Problem(
                "ruleConditions", f"a condition of type {condition['type']} needs {where}"
            )
    if values > MOST_CONDITIONS:
        yield Problem(
            "ruleConditions",
            f"QuotaExceeded: {values} values; a rule has {MOST_CONDITIONS} at most",
        )


def actions(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """One action ends the rule, and it is the last."""
    given = sorted((one for _, one in properties.find("ruleActions[*]")), key=_order)
    final = [one["type"] for one in given if one["type"] in FINAL]
    if len(final) != 1 or given[-1]["type"] not in FINAL:
        yield Problem(
            "ruleActions",
            f"IllegalParam.RuleActions: one of {', '.join(FINAL)} ends a rule, and comes last",
        )
    orders = [one["order"] for one in given]
    if len(set(orders)) < len(orders):
        yield Problem("ruleActions", "IllegalParam.RuleActions: two actions have one order")


def _order(action: dict[str, Any]) -> int:
    return int(action["order"])


def priority_is_free(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A listener has one rule of a priority."""
    for other in cloud.all(RULE):
        same = all(other.get(name) == properties[name] for name in ("listenerId", "priority"))
        of_one_way = (other.get("direction") or _REQUEST) == (properties["direction"] or _REQUEST)
        if same and of_one_way and other.id != properties["id"]:
            yield Problem(
                "priority",
                f"Conflict.Priority: {other.label} has the priority {properties['priority']}",
            )


def entry(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """An entry is a range of addresses."""
    given = [properties["entry"], *(text for _, text in properties.find("entries[*].entry"))]
    for text in given:
        try:
            ipaddress.ip_network(text or EVERY_ADDRESS)
        except ValueError:
            yield Problem("entries", f"IllegalParam.Entry: {text!r} is no range of addresses")


def acl_has_entries(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A white list without entries lets nobody in."""
    if not any(one.get("aclId") == properties["aclId"] for one in cloud.all(ENTRY)):
        yield Problem("aclId", "the list is empty: make its entries first, and depend on them")
