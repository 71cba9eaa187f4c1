"""Security groups."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

GROUP = "alicloud:ecs/securityGroup:SecurityGroup"
_PORTS = re.compile(r"(-1|\d+)/(-1|\d+)")
_WITH_PORTS = ("tcp", "udp")
_EVERY = "-1/-1"
_LAST = 65535


def ports(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """TCP and UDP name ports, the others -1/-1 (AuthorizeSecurityGroup in the ECS API
    reference, PortRange)."""
    text, protocol = properties["portRange"], properties["ipProtocol"]
    match = _PORTS.fullmatch(text)
    if match is None:
        yield Problem("portRange", f"{text!r} is no range of ports: write 80/80 or 1/65535")
    elif protocol in _WITH_PORTS:
        low, high = int(match[1]), int(match[2])
        if not 1 <= low <= high <= _LAST:
            yield Problem("portRange", f"InvalidPortRange: {text} of {protocol}: 1/{_LAST} is all")
    elif text != _EVERY:
        yield Problem("portRange", f"InvalidPortRange: {protocol} has no ports: use {_EVERY}")


def source(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A range is one."""
    text = properties["cidrIp"]
    if text is None:
        return
    try:
        ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        yield Problem("cidrIp", f"{text!r} is no range of addresses")


def groups_of_one_kind(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """An enterprise group lets in ranges, never groups (ECS documentation, "Basic security groups
    and advanced security groups")."""
    if properties["sourceSecurityGroupId"] is None:
        return
    group = cloud.find(GROUP, "id", properties["securityGroupId"])
    if group is not None and group.get("securityGroupType") == "enterprise":
        yield Problem(
            "sourceSecurityGroupId",
            "InvalidSecurityGroup.InvalidOperation: an enterprise group cannot name a group: name "
            "its range in cidrIp",
        )
