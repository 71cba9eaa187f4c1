"""Secrets: the key, what is generated, and how containers refer to it."""

from __future__ import annotations

import json
import re
from typing import Any

import pulumi
import pytest

from components.aws.key_policy import key_policy
from components.aws.place import Place
from components.aws.secrets import existing
from components.letta.environment import ENCRYPTION_KEY, SERVER_PASSWORD
from tests.components.aws.conftest import MakeSite
from tests.components.aws.mock_cloud import ACCOUNT, run

_STORE = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:"


def test_containers_refer_to_secrets_by_arns_that_are_known_at_preview(
    make_site: MakeSite,
) -> None:
    result = run(lambda: make_site(provider_secrets={"OPENAI_API_KEY": "sk-test"}), preview=True)
    references = result.result.references
    assert set(references) == {SERVER_PASSWORD, ENCRYPTION_KEY, "OPENAI_API_KEY"}
    for reference in references.values():
        name = result.value(reference.name)
        assert re.fullmatch(rf"{_STORE}letta-test-secrets-[a-z-]+-[0-9a-f]{{7}}", name)
        assert result.value(reference.readable) == f"{name}-??????"
        assert not result.known(reference.revision)


def test_a_partial_arn_never_ends_like_a_whole_one(make_site: MakeSite) -> None:
    # Secrets Manager takes a name that ends in a hyphen and six characters for a whole ARN.
    result = run(make_site)
    for reference in result.result.references.values():
        assert not re.search(r"-[A-Za-z0-9]{6}$", result.value(reference.name))


def test_no_secret_value_is_a_plain_property_of_anything(make_site: MakeSite) -> None:
    result = run(lambda: make_site(provider_secrets={"OPENAI_API_KEY": "sk-test"}))
    values = {
        str(result.value(result.result.server_password)),
        "sk-test",
        *(str(each.inputs["secretString"]) for each in result.all(":SecretVersion")),
    }
    assert len(values) == 3
    for resource in result.resources:
        for name, value in resource.inputs.items():
            if name not in resource.secrets:
                assert not any(secret in json.dumps(value) for secret in values)
    assert result.secret(result.result.server_password)


def test_generated_secrets_are_letters_and_digits_of_full_length(make_site: MakeSite) -> None:
    for password in run(make_site).all(":RandomPassword"):
        assert password.inputs["length"] == 48
        assert password.inputs["special"] is False


def test_every_secret_is_stored_under_the_key_and_can_be_recovered(make_site: MakeSite) -> None:
    result = run(make_site)
    key = result.value(result.result.secrets.key_arn)
    secrets = {each.name: each.inputs for each in result.all(":Secret")}
    assert {each["kmsKeyId"] for each in secrets.values()} == {key}
    assert secrets["letta-test-secrets-encryption-key"]["recoveryWindowInDays"] == 30
    assert secrets["letta-test-secrets-server-password"]["recoveryWindowInDays"] == 7


def test_a_reference_is_there_once_its_value_is_stored(make_site: MakeSite) -> None:
    def program() -> None:
        reference = make_site().references[SERVER_PASSWORD]
        pulumi.ComponentResource("test:index:User", "user", {"revision": reference.revision})

    user = run(program).one(":User")
    assert "SecretVersion letta-test-secrets-server-password" in user.depends_on


def test_the_key_is_rotated_and_its_alias_is_known_at_preview(make_site: MakeSite) -> None:
    result = run(make_site, preview=True)
    key = result.one(":Key")
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 30
    alias = result.value(result.result.secrets.key_alias)
    assert alias.startswith("alias/letta-test-secrets-key-")


@pytest.mark.parametrize(
    ("given", "readable"),
    [
        (f"{_STORE}openai-Ab12Cd", f"{_STORE}openai-Ab12Cd"),
        (f"{_STORE}openai", f"{_STORE}openai-??????"),
        (f"{_STORE}openai-Ab12Cd:key::", f"{_STORE}openai-Ab12Cd"),
    ],
)
def test_a_secret_from_outside_is_referred_to_as_given_and_readable_whole(
    given: str, readable: str
) -> None:
    result = run(lambda: existing(given))
    assert result.value(result.result.name) == given
    assert result.value(result.result.readable) == readable


def _statements() -> dict[str, Any]:
    place = Place(region="eu-west-1", account=ACCOUNT, partition="aws")
    return {each["Sid"]: each for each in json.loads(key_policy(place))["Statement"]}


def test_the_key_policy_names_every_action() -> None:
    actions = [action for each in _statements().values() for action in each["Action"]]
    assert not any("*" in action for action in actions)


def test_the_account_can_always_change_the_key_policy_again() -> None:
    account = _statements()["Account"]
    assert account["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert {"kms:PutKeyPolicy", "kms:CreateGrant", "kms:ScheduleKeyDeletion"} <= set(
        account["Action"]
    )


def test_services_use_the_key_for_this_account_only() -> None:
    statements = _statements()
    assert statements["Logs"]["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert f":{ACCOUNT}:log-group:" in json.dumps(statements["Logs"]["Condition"])
    for sid in ("Alarms", "Budgets"):
        assert statements[sid]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
