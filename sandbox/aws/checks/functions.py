"""Functions."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from sandbox.aws.checks import iam
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_RUNTIMES: Final = Path(__file__).parent.parent / "data" / "lambda_runtimes.json"
_ENVIRONMENT_LIMIT_BYTES: Final = 4096
_RESERVED: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
)
"""Lambda developer guide, "Defined runtime environment variables"."""


@cache
def _runtimes() -> dict[str, str | None]:
    loaded: dict[str, str | None] = json.loads(_RUNTIMES.read_text(encoding="utf-8"))
    return loaded


def package(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A zip needs a handler in it and a runtime that functions can still be created with."""
    if properties["packageType"] == "Image":
        if not properties["imageUri"]:
            yield Problem("imageUri", "imageUri must be set when packageType is Image")
        return
    for name in ("handler", "runtime"):
        if not properties[name]:
            yield Problem(name, "handler and runtime must be set when packageType is Zip")
    runtime = properties["runtime"]
    if runtime and runtime not in _runtimes():
        known = [name for name in _runtimes() if name.startswith(runtime[:4])]
        yield Problem(
            "runtime",
            f"InvalidParameterValueException: Value {runtime} at 'runtime' failed to satisfy "
            f"constraint: Member must be one of {', '.join(known or _runtimes())}",
        )
    elif runtime and _is_blocked(runtime, datetime.now(UTC).date()):
        yield Problem(
            "runtime",
            f"InvalidParameterValueException: The runtime parameter of {runtime} is no longer "
            "supported for creating or updating AWS Lambda functions",
        )
    yield from _handler_problems(properties)


def _is_blocked(runtime: str, today: date) -> bool:
    day = _runtimes()[runtime]
    return day is not None and date.fromisoformat(day) <= today


def _handler_problems(properties: Properties) -> Iterator[Problem]:
    """For Python, whose handler names a file: it must be in the archive when that is listed."""
    handler, code = properties["handler"], properties["code"]
    files = code.get("assets") if isinstance(code, dict) else None
    if not files or not handler or not str(properties["runtime"]).startswith("python"):
        return
    module, _, function = handler.rpartition(".")
    if not module or not function or f"{module.replace('.', '/')}.py" not in files:
        yield Problem(
            "handler",
            f"Runtime.ImportModuleError: Unable to import module {module or handler!r}: the "
            f"archive holds {', '.join(sorted(files))}",
        )


def environment(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Variables that are the user's to set, 4 KB in all."""
    variables = properties.get("environment.variables") or {}
    for name in sorted(set(_RESERVED).intersection(variables)):
        yield Problem(
            "environment",
            "InvalidParameterValueException: Lambda was unable to configure your environment "
            "variables because the environment variables you have provided contains reserved keys "
            f"that are currently not supported for modification: {name}",
        )
    size = len(json.dumps(variables).encode())
    if size > _ENVIRONMENT_LIMIT_BYTES:
        yield Problem(
            "environment",
            "InvalidParameterValueException: environment variables have exceeded the "
            f"{_ENVIRONMENT_LIMIT_BYTES} bytes limit: {size}",
        )


def role_trusts_lambda(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The role must be for functions."""
    if not iam.trusts(cloud, properties["role"], "lambda"):
        yield Problem(
            "role",
            "InvalidParameterValueException: The role defined for the function cannot be assumed "
            "by Lambda: allow sts:AssumeRole to lambda.amazonaws.com",
        )


def code_sha256(properties: Properties, cloud: AwsCloud) -> str:
    """A digest that changes with the code."""
    given = json.dumps(
        [properties[name] for name in ("code", "imageUri", "s3Bucket", "s3Key", "s3ObjectVersion")],
        sort_keys=True,
    )
    return base64.b64encode(hashlib.sha256(given.encode()).digest()).decode()
