"""The server's environment: what differs from its defaults, and how values hang together."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from components.args import (
    EmbeddingArgs,
    IngressArgs,
    LlmArgs,
    MonitoringArgs,
    ProviderArgs,
)
from components.letta import environment
from infra.tiers import TIERS

_INGRESS = IngressArgs(kind="load_balancer", domain="letta.example.com", hosted_zone="example.com")
_ANTHROPIC = LlmArgs(providers={"anthropic": ProviderArgs(api_key=SecretStr("key-in-the-open"))})


def _environment(**changes: Any) -> dict[str, str]:  # noqa: ANN401  (any argument)
    given: dict[str, Any] = {
        "database": TIERS["medium"].database,
        "ingress": _INGRESS,
        "monitoring": MonitoringArgs(),
        "llm": LlmArgs(),
        "embedding": EmbeddingArgs(),
        "poll_batches": False,
        **changes,
    }
    return environment.server_environment(**given)


@pytest.mark.parametrize("idle_seconds", [1, 60, 900, 4000])
def test_the_server_keeps_connections_longer_than_the_load_balancer(idle_seconds: int) -> None:
    ingress = _INGRESS.model_copy(update={"idle_timeout_seconds": idle_seconds})

    keep_alive = int(_environment(ingress=ingress)["LETTA_UVICORN_TIMEOUT_KEEP_ALIVE"])

    assert keep_alive > idle_seconds


def test_streams_send_something_well_within_the_usual_idle_limits() -> None:
    assert int(_environment()["LETTA_KEEPALIVE_INTERVAL"]) < 60


def test_connections_are_pooled_as_the_database_is_sized() -> None:
    database = TIERS["medium"].database.model_copy(
        update={"pool_size": 7, "max_overflow": 11, "pool_recycle_seconds": 1234}
    )

    found = _environment(database=database)

    assert found["LETTA_DISABLE_SQLALCHEMY_POOLING"] == "false"
    assert found["LETTA_PG_POOL_SIZE"] == "7"
    assert found["LETTA_PG_MAX_OVERFLOW"] == "11"
    assert found["LETTA_PG_POOL_RECYCLE"] == "1234"


def test_the_api_is_not_open_and_the_image_is_no_development_one() -> None:
    found = _environment()

    assert found["LETTA_SERVER_SECURE"] == "true"
    assert found["LETTA_ENVIRONMENT"] == "PRODUCTION"


@pytest.mark.parametrize(
    ("llm", "poll_batches", "polls"),
    [
        (_ANTHROPIC, True, "true"),
        (_ANTHROPIC, False, "false"),
        (LlmArgs(), True, "false"),
    ],
)
def test_batches_are_polled_where_asked_and_where_anthropic_is_used(
    llm: LlmArgs, poll_batches: bool, polls: str
) -> None:
    found = _environment(llm=llm, poll_batches=poll_batches)

    assert found["LETTA_ENABLE_BATCH_JOB_POLLING"] == polls


def test_default_models_and_plain_provider_settings_reach_the_server() -> None:
    llm = LlmArgs(
        model="vllm/qwen",
        providers={"vllm": ProviderArgs(base_url="http://vllm.example.com:8000")},
    )

    found = _environment(llm=llm, embedding=EmbeddingArgs(model="openai/text-embedding-3-large"))

    assert found["LETTA_DEFAULT_LLM_HANDLE"] == "vllm/qwen"
    assert found["LETTA_DEFAULT_EMBEDDING_HANDLE"] == "openai/text-embedding-3-large"
    assert found["VLLM_API_BASE"] == "http://vllm.example.com:8000"


@pytest.mark.parametrize(
    ("field", "variable"),
    [
        ("json_logs", "LETTA_LOGGING_JSON_LOGGING"),
        ("debug_logs", "LETTA_DEBUG"),
    ],
)
@pytest.mark.parametrize("value", [True, False])
def test_logging_follows_the_settings(field: str, variable: str, value: bool) -> None:
    found = _environment(monitoring=MonitoringArgs.model_validate({field: value}))

    assert found[variable] == str(value).lower()


def test_nothing_secret_and_nothing_that_comes_by_reference_is_plain() -> None:
    found = _environment(llm=_ANTHROPIC)

    assert not set(environment.REQUIRED_REFERENCES) & set(found)
    assert "key-in-the-open" not in str(found)


def test_the_server_is_started_itself_and_never_the_images_script() -> None:
    assert environment.SERVER_COMMAND[:2] == ("python", "-c")
    assert environment.SERVER_COMMAND[3] == "server"
    assert str(environment.PORT) in environment.SERVER_COMMAND
