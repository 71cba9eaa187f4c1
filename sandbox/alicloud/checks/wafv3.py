"""The web application firewall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

TEMPLATE = "alicloud:wafv3/defenseTemplate:DefenseTemplate"
BALANCER = "alicloud:alb/loadBalancer:LoadBalancer"
WAF_EDITION = "StandardWithWaf"
_NEEDED = {
    "cc": ("ruleAction", "rateLimit", "conditions"),
    "custom_acl": ("ruleAction", "conditions"),
    "ip_blacklist": ("ruleAction", "remoteAddrs"),
    "waf_base": ("wafBaseConfigs",),
}
"""Kind of protection -> what its rules say (CreateDefenseRule in the WAF 3.0 API reference)."""


def instance_known(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The instance is the account's."""
    if properties["instanceId"] != cloud.beforehand["waf_instance"]:
        yield Problem("instanceId", f"there is no instance {properties['instanceId']}")


def rule_whole(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A rule of a template names it, and says what its kind needs."""
    if properties["defenseType"] == "template" and properties["templateId"] is None:
        yield Problem("templateId", "MissingParameter: a rule of a template names it")
    given = properties["config"] or {}
    for name in _NEEDED.get(properties["defenseScene"], ()):
        if not given.get(name):
            yield Problem("config", f"a rule of {properties['defenseScene']} needs {name}")


def template_fits(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A rule is of the kind of its template."""
    name = properties["templateId"]
    if name is None:
        return
    found = next(
        (one for one in cloud.all(TEMPLATE) if str(one.get("defenseTemplateId")) == str(name)), None
    )
    if found is None:
        yield Problem("templateId", f"DefenseTemplateNotExist: there is no template {name}")
    elif found.get("defenseScene") != properties["defenseScene"]:
        yield Problem("defenseScene", f"{found.label} is for {found.get('defenseScene')}")


def protects_something(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """What is protected is there: a load balancer of the edition with a firewall."""
    for resource in properties["resources"] or []:
        name = str(resource).removesuffix("-alb")
        found = cloud.find(BALANCER, "id", name)
        if found is not None and found.get("loadBalancerEdition") != WAF_EDITION:
            yield Problem("resources", f"{found.label} is not of the edition {WAF_EDITION}")


def instances(arguments: Properties, cloud: AlicloudCloud) -> dict[str, Any]:
    """The result of getInstances."""
    name = cloud.beforehand["waf_instance"]
    return {
        "id": name,
        "ids": [name],
        "instances": [{"id": name, "instanceId": name, "createTime": "0", "status": "1"}],
    }
