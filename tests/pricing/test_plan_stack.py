"""A stack file read without the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import SettingsError
from pricing import book, plans, stack
from pricing.inventory import Secrets
from pricing.stack import StackFileError
from tests.policies import assembly

SECURE = {"secure": "v1:AbCdEf0123456789:AbCdEf0123456789=="}


@pytest.mark.parametrize("tier", ["small", "medium", "large"])
def test_committed_stack_files_have_a_bill(tier: str) -> None:
    settings = stack.load_stack(assembly.ROOT / f"Pulumi.{tier}.yaml")
    bill = stack.bill_of(settings, book.load(book.CURRENT))
    assert (bill.cloud, bill.region) == ("aws", "us-east-1")
    assert bill.monthly_usd.floor > 0


def test_values_are_those_that_the_engine_hands_over(tmp_path: Path) -> None:
    found = stack.read(_file(tmp_path, {"budget": 2500, "worker": {"enabled": False}}))
    assert found.values["budget"] == "2500"
    assert found.values["worker"] == '{"enabled": false}'
    assert found.values["tier"] == "medium"


def test_keys_of_other_namespaces_are_left_alone(tmp_path: Path) -> None:
    file = _file(tmp_path, {})
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["config"] |= {"aws:region": "eu-central-1", "lettas:tier": "small"}
    file.write_text(yaml.safe_dump({**content, "encryptionsalt": "v1:0"}), encoding="utf-8")
    assert set(stack.read(file).values) == set(stack.read(_file(tmp_path, {})).values)


def test_a_stack_with_encrypted_keys_has_a_bill_without_the_keys(tmp_path: Path) -> None:
    providers = {"openai": {"api_key": SECURE}, "anthropic": {"api_key": SECURE}}
    file = _file(tmp_path, {"llm": {"providers": providers}})
    found = stack.read(file)
    assert found.secret_keys == {"llm"}
    assert "v1:" not in found.values["llm"]
    settings = stack.load_stack(file)
    [kept] = [thing for thing in plans.inventory(settings).things if isinstance(thing, Secrets)]
    assert kept.count == 6
    assert stack.bill_of(settings, book.load(book.CURRENT)).monthly_usd.floor > 0


def test_a_key_in_plain_text_is_refused(tmp_path: Path) -> None:
    file = _file(tmp_path, {"llm": {"providers": {"openai": {"api_key": "sk-plain"}}}})
    with pytest.raises(SettingsError, match="stands in the file in plain text"):
        stack.load_stack(file)


def test_a_plain_key_beside_an_encrypted_one_is_refused(tmp_path: Path) -> None:
    providers = {"openai": {"api_key": "sk-plain"}, "anthropic": {"api_key": SECURE}}
    with pytest.raises(SettingsError, match=r"openai\.api_key: stands in the file in plain text"):
        stack.load_stack(_file(tmp_path, {"llm": {"providers": providers}}))


def test_a_key_that_is_encrypted_as_a_whole_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match=r"letta:llm is encrypted as a whole.*--path"):
        stack.load_stack(_file(tmp_path, {"llm": SECURE}))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"workload": {"agents": SECURE}}, "letta:workload.agents"),
        ({"api": {"instance_type": SECURE}}, "letta:api.instance_type"),
        ({"embedding": {"model": SECURE}}, "letta:embedding.model"),
        ({"llm": {"model": SECURE}}, "letta:llm.model"),
    ],
)
def test_an_encrypted_value_that_the_bill_needs_is_told_to_be_encrypted(
    tmp_path: Path, changes: dict[str, Any], place: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        stack.load_stack(_file(tmp_path, changes))
    [problem] = caught.value.problems
    assert problem.startswith(f"{place}: is encrypted")
    assert f"--path '{place}'" in problem


def test_an_encrypted_value_under_an_unknown_key_is_an_unknown_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"letta:workload\.agens: unknown key"):
        stack.load_stack(_file(tmp_path, {"workload": {"agents": 10, "agens": SECURE}}))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"llm": {"model": "ollama/x"}}, "letta:llm.model: the tokens of 'ollama/x'"),
        ({"llm": {"model": "vllm/x"}}, "letta:llm.model: the tokens of 'vllm/x'"),
        ({"embedding": {"model": "ollama/x"}}, "letta:embedding.model: the tokens of 'ollama/x'"),
    ],
)
def test_tokens_that_nobody_bills_are_told(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    settings = stack.load_stack(_file(tmp_path, changes))
    [warning] = stack.bill_of(settings, book.load(book.CURRENT)).warnings
    assert warning.startswith(told)


@pytest.mark.parametrize("hosting", ["vllm", "ollama"])
def test_tokens_of_a_model_that_the_stack_serves_need_no_word(tmp_path: Path, hosting: str) -> None:
    large = tmp_path / "Pulumi.large.yaml"
    content = yaml.safe_load((assembly.ROOT / large.name).read_text(encoding="utf-8"))
    content["config"] |= {"letta:llm": {"hosting": hosting}}
    large.write_text(yaml.safe_dump(content), encoding="utf-8")
    bill = stack.bill_of(stack.load_stack(large), book.load(book.CURRENT))
    assert not [warning for warning in bill.warnings if "endpoint of your own" in warning]


def test_problems_of_the_settings_are_all_told(tmp_path: Path) -> None:
    file = _file(tmp_path, {"tier": "medum", "databse": {}})
    with pytest.raises(SettingsError, match="did you mean medium") as caught:
        stack.load_stack(file)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it must be a mapping with the key `config`, not empty"),
        (b"- letta:tier", "it must be a mapping with the key `config`, not a list"),
        (b"42", "it must be a mapping with the key `config`, not the value 42"),
        (b"config:\n", "`config` must be a mapping of keys such as `letta:tier`, not empty"),
        (b"config: medium", "`config` must be a mapping .* not a text"),
        (b"config:\n  letta:tier: [small", "is no YAML: .*, line 2"),
        (b"config:\n\tletta:tier: small", "is no YAML: .*, line 2"),
        (b"a: \x00", "is no YAML: .*special characters are not allowed"),
        (b"\xff\xfe\xfa", "is no text in UTF-8"),
    ],
)
def test_what_is_no_stack_file_is_told_apart(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "Pulumi.odd.yaml"
    file.write_bytes(content)
    with pytest.raises(StackFileError, match=told) as caught:
        stack.read(file)
    assert str(caught.value).startswith(f"{file}: ")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match="cannot be read: No such file"):
        stack.read(tmp_path / "Pulumi.none.yaml")
    with pytest.raises(StackFileError, match="cannot be read: Is a directory"):
        stack.read(tmp_path)


def _file(folder: Path, changes: dict[str, Any]) -> Path:
    committed = (assembly.ROOT / "Pulumi.medium.yaml").read_text(encoding="utf-8")
    config = yaml.safe_load(committed)["config"]
    content = {"config": {**config, **{f"letta:{key}": value for key, value in changes.items()}}}
    file = folder / "Pulumi.medium.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file
