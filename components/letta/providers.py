"""LLM providers that Letta 0.16.4 reads from its environment.

Source: letta 0.16.4, `letta/settings.py` (ModelSettings, no prefix) and the providers
that `letta/server/server.py` lines 218-367 enables from it: seventeen, beside the
built-in `letta`. A provider is enabled by the variables marked required.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from components.args import LlmArgs, ProviderArgs

HUGGING_FACE_TOKEN = "HF_TOKEN"  # noqa: S105  (the variable's name, not a token)
"""Variable of the access token for gated models. It is for the machines that download a
model, never for the server."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """How one provider is switched on."""

    secrets: dict[str, str] = field(default_factory=dict)
    """Secret field of `ProviderArgs` -> environment variable. All are required."""
    required: dict[str, str] = field(default_factory=dict)
    """Plain field -> environment variable, required."""
    optional: dict[str, str] = field(default_factory=dict)
    """Plain field -> environment variable, optional."""
    note: str = ""
    """What a user must know of it."""


def _key(variable: str, **optional: str) -> Provider:
    return Provider(secrets={"api_key": variable}, optional=optional)


def _endpoint(variable: str) -> Provider:
    return Provider(required={"base_url": variable})


PROVIDERS: dict[str, Provider] = {
    "openai": _key("OPENAI_API_KEY", base_url="OPENAI_BASE_URL"),
    "anthropic": _key("ANTHROPIC_API_KEY"),
    "ollama": _endpoint("OLLAMA_BASE_URL"),
    "google_ai": _key("GEMINI_API_KEY"),
    "google_vertex": Provider(
        required={"project": "GOOGLE_CLOUD_PROJECT", "location": "GOOGLE_CLOUD_LOCATION"},
        note="signs in by the workload's own Google identity",
    ),
    "azure": Provider(
        secrets={"api_key": "AZURE_API_KEY"},
        required={"base_url": "AZURE_BASE_URL"},
        optional={"api_version": "AZURE_API_VERSION"},
    ),
    "groq": _key("GROQ_API_KEY"),
    "together": _key("TOGETHER_API_KEY"),
    "vllm": _endpoint("VLLM_API_BASE"),
    "sglang": _endpoint("SGLANG_API_BASE"),
    "bedrock": Provider(
        secrets={
            "access_key_id": "AWS_ACCESS_KEY_ID",
            "secret_access_key": "AWS_SECRET_ACCESS_KEY",
        },
        optional={"region": "AWS_DEFAULT_REGION"},
        note="0.16.4 enables it by static keys only, not by the task's role",
    ),
    "lmstudio": _endpoint("LMSTUDIO_BASE_URL"),
    "deepseek": _key("DEEPSEEK_API_KEY"),
    "xai": _key("XAI_API_KEY"),
    "minimax": _key("MINIMAX_API_KEY"),
    "zai": _key("ZAI_API_KEY"),
    "openrouter": _key("OPENROUTER_API_KEY"),
}

BUILT_IN = "letta"
"""The provider of the server itself, which costs nothing."""
_HANDLES = {"lmstudio_openai": "lmstudio"}
"""Name before the slash of a model's handle -> provider, where the server names it otherwise."""
_WITHOUT_EMBEDDINGS = frozenset({"anthropic", "bedrock", "minimax", "sglang", "together", "vllm"})
"""Providers of which the server lists no embedding models (`list_embedding_models_async` in
`letta/schemas/providers`), so that no agent gets one by its handle."""
LLM_HANDLES = frozenset({*PROVIDERS, *_HANDLES, BUILT_IN})
"""What may stand before the slash of a language model's handle."""
EMBEDDING_HANDLES = LLM_HANDLES - _WITHOUT_EMBEDDINGS
"""What may stand before the slash of an embedding model's handle."""

_FIELDS = tuple(name for name in ProviderArgs.model_fields if name != "api_key_secret")


def problems(name: str, args: ProviderArgs) -> list[str]:
    """What is wrong with the fields given for a known provider; empty when nothing is."""
    provider = PROVIDERS[name]
    known = {**provider.secrets, **provider.required, **provider.optional}
    found = [
        f"{name} takes no {given}; it takes {', '.join(sorted(known))}"
        for given in _FIELDS
        if getattr(args, given) is not None and given not in known
    ]
    if args.api_key_secret and "api_key" not in provider.secrets:
        found.append(f"{name} takes no api_key_secret; it takes {', '.join(sorted(known))}")
    if args.api_key_secret and args.api_key:
        found.append(f"{name} has both api_key and api_key_secret; give one")
    needed = [secret for secret in provider.secrets if not getattr(args, secret)]
    if args.api_key_secret and "api_key" in needed:
        needed.remove("api_key")
    needed += [plain for plain in provider.required if not getattr(args, plain)]
    found += [f"{name} needs {field_name}" for field_name in needed]
    return found


def metered(handle: str) -> bool:
    """Whether somebody bills the tokens of the model `provider/model`: not those of an endpoint
    that its operator runs without keys, nor of the model built into the server. Of a provider that
    nobody knows it is not known either, so they count as billed. An empty handle is no model."""
    name = handle.partition("/")[0]
    return bool(handle) and name != BUILT_IN and not own_endpoint(handle)


def own_endpoint(handle: str) -> bool:
    """Whether the model `provider/model` is one of an endpoint that its operator runs."""
    name = handle.partition("/")[0]
    provider = PROVIDERS.get(_HANDLES.get(name, name))
    return provider is not None and not provider.secrets and "base_url" in provider.required


def secret_fields(name: str, args: ProviderArgs) -> list[str]:
    """Secret fields that are given for a known provider."""
    return [field_name for field_name in PROVIDERS[name].secrets if getattr(args, field_name)]


def plain_environment(providers: dict[str, ProviderArgs]) -> dict[str, str]:
    """Variables of the given providers that are no secrets."""
    return {
        variable: str(value)
        for name, args in sorted(providers.items())
        for field_name, variable in {
            **PROVIDERS[name].required,
            **PROVIDERS[name].optional,
        }.items()
        if (value := getattr(args, field_name)) is not None
    }


def secret_values(llm: LlmArgs) -> dict[str, str]:
    """Variable -> secret value to be put into the cloud's store. Handle with care."""
    values = {
        variable: value.get_secret_value()
        for name, args in sorted(llm.providers.items())
        for field_name, variable in PROVIDERS[name].secrets.items()
        if (value := getattr(args, field_name)) is not None
    }
    if llm.hosting == "vllm" and llm.vllm.hugging_face_token:
        values[HUGGING_FACE_TOKEN] = llm.vllm.hugging_face_token.get_secret_value()
    return values


def existing_secrets(llm: LlmArgs) -> dict[str, str]:
    """Variable -> the cloud's name of a secret that exists already and is only referred to."""
    names = {
        PROVIDERS[name].secrets["api_key"]: args.api_key_secret
        for name, args in sorted(llm.providers.items())
        if args.api_key_secret
    }
    if llm.hosting == "vllm" and llm.vllm.hugging_face_token_secret:
        names[HUGGING_FACE_TOKEN] = llm.vllm.hugging_face_token_secret
    return names
