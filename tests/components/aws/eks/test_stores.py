"""Stores: how a reference of the site becomes what the External Secrets Operator asks for."""

from __future__ import annotations

import pulumi
import pytest

from components.args import CacheArgs
from components.aws.cache import ManagedCache
from components.aws.eks.stores import remote_keys
from components.aws.place import Place
from components.aws.secrets import existing
from components.aws.site import site
from components.roles import Reference
from components.workloads.cluster import RemoteKey
from tests.components.aws.eks.sites import NAME, arguments, built, cluster, full, plain
from tests.components.aws.mock_cloud import ACCOUNT, REGION, run

PLACE = Place(region=REGION, account=ACCOUNT, partition="aws")
FOREIGN = f"arn:aws:secretsmanager:{REGION}:210987654321:secret:openai"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret"


def _asked(reference: Reference) -> tuple[str, str, str | None]:
    result = run(lambda: remote_keys(PLACE)(reference))
    made: RemoteKey = result.result
    return made.store, result.value(made.key), made.property


def test_the_workloads_namespace_has_both_stores_and_they_hold_no_credentials() -> None:
    stores = {each.inputs["metadata"]["name"]: each.inputs for each in plain().all(":SecretStore")}
    assert {name: each["spec"] for name, each in stores.items()} == {
        "secrets-manager": {"provider": {"aws": {"service": "SecretsManager", "region": REGION}}},
        "parameter-store": {"provider": {"aws": {"service": "ParameterStore", "region": REGION}}},
    }
    for each in plain().all(":SecretStore"):
        assert each.inputs["metadata"]["namespace"] == "letta"
        assert f"Release {NAME}-external-secrets" in each.depends_on


def test_a_secret_of_the_stack_is_asked_for_by_name() -> None:
    result = full()
    reference = result.result.references["LETTA_SERVER_PASSWORD"]
    remote_key = cluster(result).workloads.remote_key
    assert remote_key is not None
    asked = remote_key(reference)
    [secret] = [
        each for each in result.all("secretsmanager/secret:Secret") if "password" in each.name
    ]
    assert result.value(asked.key).startswith(f"{secret.name}-")
    assert (asked.store, asked.property) == ("secrets-manager", None)


@pytest.mark.parametrize(
    ("arn", "key", "property_"),
    [
        (f"{SECRET}:shared/openai-AbCdEf", f"{SECRET}:shared/openai-AbCdEf", None),
        (f"{SECRET}:shared/openai", "shared/openai", None),
        (f"{SECRET}:shared/openai-AbCdEf:key::", f"{SECRET}:shared/openai-AbCdEf", "key"),
        (f"{SECRET}:shared/openai:key", "shared/openai", "key"),
        (FOREIGN, FOREIGN, None),
    ],
)
def test_a_secret_that_exists_already_is_asked_for_as_it_is_named(
    arn: str, key: str, property_: str | None
) -> None:
    assert _asked(existing(arn)) == ("secrets-manager", key, property_)


@pytest.mark.parametrize(("resource", "key"), [("host", "host"), ("a/b", "/a/b")])
def test_a_parameter_is_asked_for_by_name(resource: str, key: str) -> None:
    arn = pulumi.Output.from_input(f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{resource}")
    reference = Reference(name=arn, readable=arn, revision=arn, kind="parameter")
    assert _asked(reference) == ("parameter-store", key, None)


def test_the_caches_address_is_fetched_from_the_parameter_store() -> None:
    def program() -> RemoteKey:
        made = site("letta-test", arguments(), pulumi.ResourceOptions())
        sizes = CacheArgs(memory_gib=13, instance_type="cache.r6g.large")
        cached = ManagedCache("letta-test-cache", sizes, made, pulumi.ResourceOptions())
        return remote_keys(PLACE)(cached.references["LETTA_REDIS_HOST"])

    result = run(program)
    assert result.result.store == "parameter-store"
    assert result.value(result.result.key).startswith("letta-test-cache-host-")


@pytest.mark.parametrize("ending", ["key:AWSPREVIOUS:", "::0f1e2d3c"])
def test_a_version_of_a_secret_is_refused_with_what_to_do(ending: str) -> None:
    with pytest.raises(pulumi.RunError, match=r"OPENAI_API_KEY: .*stage or version.*end the ARN"):
        built(existing_secrets={"OPENAI_API_KEY": f"{SECRET}:shared/openai-AbCdEf:{ending}"})
