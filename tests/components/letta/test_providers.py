"""Providers: exactly the variables that the server reads, and what a stack file may give."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from components.args import LlmArgs, ProviderArgs, VllmArgs
from components.letta import providers

_SECRET = SecretStr("key-in-the-open")
_FULL: dict[str, dict[str, Any]] = {
    "openai": {"api_key": _SECRET, "base_url": "https://llm.example.com/v1"},
    "anthropic": {"api_key": _SECRET},
    "ollama": {"base_url": "http://ollama.example.com:11434"},
    "google_ai": {"api_key": _SECRET},
    "google_vertex": {"project": "letta", "location": "us-central1"},
    "azure": {
        "api_key": _SECRET,
        "base_url": "https://letta.openai.azure.com",
        "api_version": "2024-09-01-preview",
    },
    "groq": {"api_key": _SECRET},
    "together": {"api_key": _SECRET},
    "vllm": {"base_url": "http://vllm.example.com:8000"},
    "sglang": {"base_url": "http://sglang.example.com:30000"},
    "bedrock": {
        "access_key_id": _SECRET,
        "secret_access_key": _SECRET,
        "region": "eu-central-1",
    },
    "lmstudio": {"base_url": "http://lmstudio.example.com:1234"},
    "deepseek": {"api_key": _SECRET},
    "xai": {"api_key": _SECRET},
    "minimax": {"api_key": _SECRET},
    "zai": {"api_key": _SECRET},
    "openrouter": {"api_key": _SECRET},
}
_VARIABLES: dict[str, tuple[set[str], set[str]]] = {
    "openai": ({"OPENAI_API_KEY"}, {"OPENAI_BASE_URL"}),
    "anthropic": ({"ANTHROPIC_API_KEY"}, set()),
    "ollama": (set(), {"OLLAMA_BASE_URL"}),
    "google_ai": ({"GEMINI_API_KEY"}, set()),
    "google_vertex": (set(), {"GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"}),
    "azure": ({"AZURE_API_KEY"}, {"AZURE_BASE_URL", "AZURE_API_VERSION"}),
    "groq": ({"GROQ_API_KEY"}, set()),
    "together": ({"TOGETHER_API_KEY"}, set()),
    "vllm": (set(), {"VLLM_API_BASE"}),
    "sglang": (set(), {"SGLANG_API_BASE"}),
    "bedrock": ({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}, {"AWS_DEFAULT_REGION"}),
    "lmstudio": (set(), {"LMSTUDIO_BASE_URL"}),
    "deepseek": ({"DEEPSEEK_API_KEY"}, set()),
    "xai": ({"XAI_API_KEY"}, set()),
    "minimax": ({"MINIMAX_API_KEY"}, set()),
    "zai": ({"ZAI_API_KEY"}, set()),
    "openrouter": ({"OPENROUTER_API_KEY"}, set()),
}
_EXISTING = "arn:aws:secretsmanager:us-east-1:123456789012:secret:openai-AbCdEf"


def test_all_seventeen_providers_of_the_server_are_known() -> None:
    assert len(providers.PROVIDERS) == 17
    assert set(providers.PROVIDERS) == set(_FULL) == set(_VARIABLES)


@pytest.mark.parametrize("name", sorted(_FULL))
def test_a_provider_given_in_full_sets_exactly_its_variables(name: str) -> None:
    args = ProviderArgs(**_FULL[name])
    secret, plain = _VARIABLES[name]

    assert providers.problems(name, args) == []
    assert set(providers.secret_values(LlmArgs(providers={name: args}))) == secret
    assert set(providers.plain_environment({name: args})) == plain


@pytest.mark.parametrize("name", sorted(_FULL))
def test_no_key_is_among_the_plain_variables(name: str) -> None:
    args = ProviderArgs(**_FULL[name])

    assert _SECRET.get_secret_value() not in str(providers.plain_environment({name: args}))
    assert set(providers.secret_values(LlmArgs(providers={name: args})).values()) <= {
        _SECRET.get_secret_value()
    }


@pytest.mark.parametrize("name", sorted(_FULL))
def test_a_provider_with_nothing_given_is_told_all_that_it_needs(name: str) -> None:
    known = providers.PROVIDERS[name]

    found = providers.problems(name, ProviderArgs())

    assert found == [f"{name} needs {field}" for field in (*known.secrets, *known.required)]
    assert found


@pytest.mark.parametrize("name", sorted(_FULL))
def test_optional_fields_may_be_left_out(name: str) -> None:
    known = providers.PROVIDERS[name]
    given = {key: value for key, value in _FULL[name].items() if key not in known.optional}

    assert providers.problems(name, ProviderArgs(**given)) == []


def test_a_field_of_another_provider_is_refused_with_those_it_takes() -> None:
    args = ProviderArgs(base_url="http://vllm.example.com:8000", project="letta")

    assert providers.problems("vllm", args) == ["vllm takes no project; it takes base_url"]


def test_a_key_in_a_secret_that_exists_takes_the_place_of_a_given_one() -> None:
    args = ProviderArgs(api_key_secret=_EXISTING)

    assert providers.problems("openai", args) == []
    assert providers.existing_secrets(LlmArgs(providers={"openai": args})) == {
        "OPENAI_API_KEY": _EXISTING
    }
    assert providers.secret_values(LlmArgs(providers={"openai": args})) == {}


def test_a_key_given_twice_is_refused() -> None:
    args = ProviderArgs(api_key=_SECRET, api_key_secret=_EXISTING)

    assert providers.problems("openai", args) == [
        "openai has both api_key and api_key_secret; give one"
    ]


@pytest.mark.parametrize("name", ["vllm", "bedrock", "google_vertex"])
def test_a_provider_without_a_single_key_takes_no_existing_secret(name: str) -> None:
    args = ProviderArgs(**_FULL[name], api_key_secret=_EXISTING)

    [problem] = providers.problems(name, args)

    assert problem.startswith(f"{name} takes no api_key_secret; it takes ")


@pytest.mark.parametrize("missing", ["access_key_id", "secret_access_key"])
def test_bedrock_needs_both_halves_of_its_key(missing: str) -> None:
    given = {key: value for key, value in _FULL["bedrock"].items() if key != missing}

    assert providers.problems("bedrock", ProviderArgs(**given)) == [f"bedrock needs {missing}"]


def test_secret_fields_are_those_that_are_given() -> None:
    assert providers.secret_fields("azure", ProviderArgs(**_FULL["azure"])) == ["api_key"]
    assert providers.secret_fields("azure", ProviderArgs()) == []


def test_the_order_of_providers_in_a_stack_file_does_not_matter() -> None:
    forward = {name: ProviderArgs(**_FULL[name]) for name in _FULL}
    backward = dict(reversed(forward.items()))

    assert list(providers.plain_environment(forward)) == list(providers.plain_environment(backward))
    assert list(providers.secret_values(LlmArgs(providers=forward))) == list(
        providers.secret_values(LlmArgs(providers=backward))
    )


def test_the_access_token_of_gated_models_is_kept_only_where_one_is_served() -> None:
    vllm = VllmArgs(hugging_face_token=_SECRET)
    served = LlmArgs(hosting="vllm", vllm=vllm)
    assert providers.secret_values(served) == {"HF_TOKEN": _SECRET.get_secret_value()}
    assert providers.secret_values(LlmArgs(vllm=vllm)) == {}
    kept = LlmArgs(hosting="vllm", vllm=VllmArgs(hugging_face_token_secret=_EXISTING))
    assert providers.existing_secrets(kept) == {"HF_TOKEN": _EXISTING}
