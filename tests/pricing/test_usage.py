"""What a workload uses, checked against figures of the requirements document and by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from infra.tiers import TIERS, Workload
from pricing.span import Span
from pricing.usage import usage_of


def test_a_thousand_agents_with_a_thousand_messages_use_the_documents_tokens() -> None:
    usage = usage_of(Workload(agents=1000, messages_per_agent=1000))
    assert usage.messages == 1_000_000
    assert usage.input_tokens == 3_600_000_000
    assert usage.output_tokens == 300_000_000
    assert usage.cached_input_tokens == 0


def test_a_thousand_agents_with_a_thousand_messages_have_the_documents_traffic() -> None:
    assert usage_of(Workload(agents=1000, messages_per_agent=1000)).internet_out_gb == 25


def test_large_logs_what_the_document_says() -> None:
    assert usage_of(TIERS["large"].workload).application_log_gb == 500


def test_medium_embeds_what_the_document_says() -> None:
    assert usage_of(TIERS["medium"].workload).embedding_tokens == 5_000_000


@pytest.mark.parametrize(("tier", "share"), [("small", "0"), ("medium", "0.5"), ("large", "0.7")])
def test_a_tier_caches_the_share_that_the_document_gives_it(tier: str, share: str) -> None:
    usage = usage_of(TIERS[tier].workload)
    assert usage.cached_input_tokens == usage.input_tokens * Decimal(share)


def test_files_are_100_mb_an_agent_and_twice_that_at_the_ceiling() -> None:
    usage = usage_of(Workload(agents=1000, messages_per_agent=1))
    assert usage.files_gb == Span.of(100, 100, 200)


def test_what_the_user_states_takes_the_place_of_every_default() -> None:
    usage = usage_of(
        Workload(
            agents=10,
            messages_per_agent=100,
            input_tokens_per_message=2000,
            output_tokens_per_message=50,
            cached_input_share=0.1,
            traffic_kb_per_message=7.5,
            log_kb_per_message=3,
            file_mb_per_agent=0.5,
            new_memories_per_agent=4,
            queue_messages=1000,
        )
    )
    assert usage.input_tokens == 10 * 100 * 2000
    assert usage.cached_input_tokens == 200_000
    assert usage.output_tokens == 50_000
    assert usage.internet_out_gb == Decimal("0.0075")
    assert usage.application_log_gb == Decimal("0.003")
    assert usage.files_gb == Span.of(Decimal("0.005"), Decimal("0.005"), Decimal("0.010"))
    assert usage.embedding_tokens == 10 * 4 * 1000
    assert usage.queue_requests == 3000


def test_prompts_on_the_wire_are_four_bytes_a_token() -> None:
    usage = usage_of(Workload(agents=1000, messages_per_agent=1000))
    assert usage.llm_out_gb == Decimal("14.4")
    assert usage.llm_in_gb == Decimal("1.2")


def test_busy_requests_follow_littles_law() -> None:
    # 87 600 messages a month are one every 30 s; each lasts 30 s.
    usage = usage_of(Workload(agents=1, messages_per_agent=87_600))
    assert usage.busy_requests == 1


def test_a_day_of_backups_holds_three_bytes_for_each_new_one() -> None:
    usage = usage_of(Workload(agents=1000, messages_per_agent=1000))
    assert usage.daily_backup_gib == pytest.approx(usage.database_gib / 365 * 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"agents": 0},
        {"agents": -1},
        {"agents": 100_000_001},
        {"messages_per_agent": -1},
        {"messages_per_agent": 1_000_001},
        {"input_tokens_per_message": -1},
        {"input_tokens_per_message": 10_000_001},
        {"output_tokens_per_message": -5},
        {"cached_input_share": -0.01},
        {"cached_input_share": 1.01},
        {"cached_input_share": float("nan")},
        {"traffic_kb_per_message": -1},
        {"traffic_kb_per_message": float("inf")},
        {"log_kb_per_message": -0.1},
        {"file_mb_per_agent": -100},
        {"file_mb_per_agent": 1e9},
        {"new_memories_per_agent": -1},
        {"queue_messages": -1},
        {"queue_messages": "many"},
        {"tokens": 5},
    ],
    ids=str,
)
def test_a_workload_that_cannot_be_is_refused_by_the_name_of_its_field(
    wrong: dict[str, Any],
) -> None:
    with pytest.raises(ValidationError) as caught:
        Workload.model_validate({"agents": 1, "messages_per_agent": 1, **wrong})
    assert [error["loc"] for error in caught.value.errors()] == [tuple(wrong)]
