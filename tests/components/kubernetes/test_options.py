"""What a stack file may say of somebody's cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra import platforms
from infra.settings import SettingsError, load
from tests.policies import assembly


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("private_cidrs", ["10.0.0.0/33"], "is not an IPv4 network"),
        ("private_cidrs", ["10.0.0.1/8"], "has host bits set"),
        ("object_storage.endpoint", "https://:9000", "names no host"),
        ("object_storage.endpoint", "https://me:secret@s3.example.com", "seen by everybody"),
        ("object_storage.endpoint", "https://s3.example.com:99999", "port out of range"),
        ("gateway.certificate_secret", "mine", "only one of them"),
        ("namespace", "Letta", "should match pattern"),
        ("namespace", "a.b", "should match pattern"),
        ("namespace", "a" * 64, "should match pattern"),
        ("namespace", "default", "not the stack's alone"),
        ("namespace", "kube-system", "not the stack's alone"),
        ("namespace", "cnpg-system", "not the stack's alone"),
        ("namespace", "envoy-gateway-system", "pods of the gateway"),
        ("prices.vcpu_hour", -1, "greater than or equal to 0"),
    ],
)
def test_what_no_cluster_could_use_is_refused_when_settings_load(
    path: str,
    value: Any,  # noqa: ANN401  (any JSON)
    words: str,
) -> None:
    values = assembly.stack_file("medium", {}, "kubernetes")
    options = json.loads(values["kubernetes"])
    *outer, last = path.split(".")
    place = options
    for part in outer:
        place = place[part]
    place[last] = value
    with pytest.raises(SettingsError, match=words):
        load(
            {**values, "kubernetes": json.dumps(options)},
            clouds=platforms.CLOUDS,
            catalog=platforms.catalog,
        )


def test_a_password_in_an_address_is_not_said_again() -> None:
    values = assembly.stack_file("medium", {}, "kubernetes")
    options = json.loads(values["kubernetes"])
    options["object_storage"]["endpoint"] = "https://me:hidden-word@s3.example.com"
    with pytest.raises(SettingsError) as refused:
        load(
            {**values, "kubernetes": json.dumps(options)},
            clouds=platforms.CLOUDS,
            catalog=platforms.catalog,
        )
    assert "s3.example.com" in str(refused.value)
    assert "hidden-word" not in str(refused.value)
