"""Values that a stack keeps in Secrets Manager and Parameter Store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.live.spec import LiveError, Objects

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"  # noqa: S105 - a type
PARAMETER = "aws:ssm/parameter:Parameter"


def parameter(objects: Objects, reference: str) -> str:
    """The value of a parameter, by its ARN or name. Raises LiveError."""
    for item in objects.all(PARAMETER):
        if reference in (item.get("arn"), item.get("name")):
            return str(item.get("insecureValue") or item.get("value"))
    raise LiveError(f"no parameter of the stack is called {reference}")


def secret(objects: Objects, reference: str) -> str:
    """The current value of a secret, by its ARN or name. Raises LiveError.

    An ARN may lack the six characters that Secrets Manager adds to the name (ECS developer guide,
    "Pass Secrets Manager secrets").
    """
    named = {
        arn
        for item in objects.all(SECRET)
        if reference in ((arn := str(item.get("arn"))), arn.rpartition("-")[0], item.get("name"))
    }
    for version in reversed(objects.all(SECRET_VERSION)):
        if version.get("secretId") in named and "AWSCURRENT" in version.get("versionStages"):
            return str(version.get("secretString"))
    raise LiveError(f"no secret of the stack with a current version is called {reference}")


_SERVICES: Mapping[str, Callable[[Objects, str], str]] = {
    "SecretsManager": secret,
    "ParameterStore": parameter,
}


def fetched(objects: Objects, store: Mapping[str, Any], remote: Mapping[str, Any]) -> str:
    """What External Secrets finds for a reference in a store of AWS. Raises LiveError."""
    return _SERVICES[store["service"]](objects, remote["key"])
