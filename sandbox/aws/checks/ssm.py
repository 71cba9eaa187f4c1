"""Parameters, the account's own and those that AWS publishes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem, Refusal

_PARAMETER: Final = "aws:ssm/parameter:Parameter"
_ECS_IMAGE: Final = re.compile(
    r"/aws/service/ecs/optimized-ami/amazon-linux-(2|2023)/((arm64|gpu|neuron)/)?recommended/image_id"
)
"""The public parameters with ECS-optimized images ("Retrieving Amazon ECS-optimized Linux AMI
metadata", ECS developer guide)."""
_LIMITS: Final = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}


def value_fits_tier(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A parameter holds 4 KB, or 8 KB in the advanced tier."""
    limit = _LIMITS[properties["tier"] or "Standard"]
    for name in ("value", "insecureValue"):
        size = len((properties[name] or "").encode())
        if size > limit:
            yield Problem(
                name,
                f"ValidationException: the value has {size} bytes, this tier holds {limit}",
            )
    if properties["type"] == "SecureString" and properties["insecureValue"] is not None:
        yield Problem("insecureValue", "a SecureString takes its text in `value`")


def parameter_arn(properties: Properties, cloud: AwsCloud) -> str:
    """The ARN has one slash before the name, whether the name has one or not."""
    name = properties["name"].removeprefix("/")
    return f"arn:{cloud.partition}:ssm:{cloud.region}:{cloud.account}:parameter/{name}"


def value_of(name: str, cloud: AwsCloud) -> str | None:
    """The value of a parameter; of a public one an image id that is stable for its name."""
    if _ECS_IMAGE.fullmatch(name):
        return f"ami-{hashlib.sha256(f'{cloud.region}{name}'.encode()).hexdigest()[:17]}"
    own = cloud.find(_PARAMETER, "name", name)
    if own is None:
        return None
    value: str | None = own.get("value") or own.get("insecureValue")
    return value


def get_parameter(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getParameter. Raises Refusal."""
    name = arguments["name"]
    value = value_of(name, cloud)
    if value is None:
        raise Refusal.missing(
            f"ParameterNotFound: there is no parameter {name!r} in {cloud.region}; of the public "
            "ones the sandbox knows the ids of ECS-optimized images"
        )
    own = cloud.find(_PARAMETER, "name", name)
    return {
        "arn": own.get("arn")
        if own
        else f"arn:{cloud.partition}:ssm:{cloud.region}::parameter{name}",
        "id": name,
        "insecureValue": "" if own and own.get("type") == "SecureString" else value,
        "name": name,
        "region": cloud.region,
        "type": own.get("type") if own else "String",
        "value": value,
        "version": own.get("version") if own else 1,
        "withDecryption": arguments["withDecryption"] is not False,
    }
