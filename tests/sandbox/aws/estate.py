"""A small deployment out of one good resource of every AWS type, made as far as a test needs it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sandbox.values import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, SIGNATURE_KEY, Value, plain
from tests.sandbox.engine import Engine, Refused, Resource

Inputs: TypeAlias = dict[str, Any]
Recipe: TypeAlias = "Callable[[Estate], Inputs]"

GOOD: dict[str, Recipe] = {}
"""Type token to the inputs of a good resource of that type."""

ACCOUNT = "123456789012"
ZONE = "Z0EXAMPLE0000SANDBOX"
IMAGE = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"


def good(token: str) -> Callable[[Recipe], Recipe]:
    """Enter the inputs of a good resource."""

    def enter(recipe: Recipe) -> Recipe:
        GOOD[token] = recipe
        return recipe

    return enter


class Estate:
    """The resources of one test, in the order in which they were made."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.made: dict[tuple[str, str], Resource] = {}

    def make(self, token: str, name: str = "it", /, **changes: Value) -> Resource:
        """The good resource of that type and name, made once; `changes` lie over its inputs."""
        if (token, name) not in self.made:
            inputs = {**GOOD[token](self), **changes}
            self.made[token, name] = self.engine.create(token, name, inputs)
        return self.made[token, name]

    def get(self, token: str, attribute: str, name: str = "it") -> Value:
        """An output of the good resource."""
        resource = self.make(token, name)
        return resource.id if attribute == "id" else plain(resource.outputs[attribute])

    def refusal(self, token: str, changes: Mapping[str, Any]) -> str:
        """What Check or Create says to the good resource with these changes (None leaves out)."""
        inputs = {**GOOD[token](self), **changes}
        inputs = {name: value for name, value in inputs.items() if value is not None}
        answer = self.engine.check(token, "bad", inputs)
        if answer.failures:
            return "; ".join(f"{name}: {reason}" for name, reason in answer.failures)
        try:
            self.engine.create(token, "bad", inputs)
        except Refused as refused:
            return str(refused)
        return ""

    def subnet(self, letter: str, number: int) -> str:
        """The id of a subnet in that zone."""
        return self.make(
            "aws:ec2/subnet:Subnet",
            f"subnet-{letter}",
            availabilityZone=f"us-east-1{letter}",
            cidrBlock=f"10.0.{number}.0/24",
        ).id

    @property
    def subnets(self) -> list[str]:
        """Two subnets in two zones."""
        return [self.subnet("a", 1), self.subnet("b", 2)]


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service: str) -> str:
    """The trust policy of a role for a service."""
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    )


def role(estate: Estate, service: str) -> Resource:
    """A role for a service."""
    return estate.make("aws:iam/role:Role", f"role-{service}", assumeRolePolicy=trust(service))


def containers(**changes: Value) -> str:
    """A container definition with one container."""
    container = {
        "name": "app",
        "image": "letta/letta:0.16.4",
        "essential": True,
        "portMappings": [{"containerPort": 8283}],
        "memory": 512,
        **changes,
    }
    return json.dumps([{key: value for key, value in container.items() if value is not None}])


def archive(files: Mapping[str, str]) -> dict[str, Any]:
    """An archive of text files as it comes over the wire."""
    assets = {
        name: {
            SIGNATURE_KEY: ASSET_SIGNATURE,
            "text": text,
            "hash": hashlib.sha256(text.encode()).hexdigest(),
        }
        for name, text in files.items()
    }
    return {SIGNATURE_KEY: ARCHIVE_SIGNATURE, "assets": assets, "hash": "0"}


def lifecycle_rule(*transitions: Inputs, **changes: Value) -> Inputs:
    """A lifecycle rule with these transitions."""
    return {
        "id": "cool",
        "status": "Enabled",
        "filter": {},
        "transitions": list(transitions),
        **changes,
    }


def log_bucket(estate: Estate) -> str:
    """A bucket that ELB may write to."""
    bucket = estate.make("aws:s3/bucket:Bucket", "access-log")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{bucket.outputs['arn']}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    estate.make(
        "aws:s3/bucketPolicy:BucketPolicy",
        "access-log",
        bucket=bucket.id,
        policy=policy(statement),
    )
    return bucket.id
