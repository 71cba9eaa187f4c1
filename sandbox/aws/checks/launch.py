"""Launch templates as what refers to them sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject

_LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"


def template(
    reference: Mapping[str, Any] | None, cloud: AwsCloud, *, prefix: str = ""
) -> CloudObject | None:
    """The launch template of a reference by `id` or `name`, which a prefix may stand before."""
    for attribute in ("id", "name"):
        key = prefix + attribute.capitalize() if prefix else attribute
        value = (reference or {}).get(key)
        if value:
            return cloud.find(_LAUNCH_TEMPLATE, attribute, value)
    return None


def version_refusal(found: CloudObject, version: object) -> str:
    """Why there is no such version of the launch template; empty when there is one."""
    text = str(version or "$Default")
    if text.isdigit() and not 1 <= int(text) <= found.get("latestVersion"):
        return (
            f"ValidationError: The specified version ({text}) of the launch template {found.id} "
            "does not exist"
        )
    if not text.isdigit() and text not in ("$Latest", "$Default"):
        return f"ValidationError: {text!r} is no version"
    return ""
