"""Where machines of one's own become cheaper: computed, and against the document's rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.tiers import Workload
from pricing import stack
from pricing.bill import price
from pricing.book import PriceMissing, load
from pricing.break_even import BreakEven, embedding, language_model, short
from pricing.inventory import Inventory, LanguageModel, Machines, Thing
from pricing.span import Span
from tests.policies.assembly import stack_file

SOURCE = load("source-2025")
LIST = load("list")
ALL = [found for book in (SOURCE, LIST) for found in (*embedding(book), *language_model(book))]
SECONDS = 730 * 3600


def _case(unit_usd: str, machine_usd: str, per_second: int, work_per_unit: int = 1) -> BreakEven:
    return BreakEven(
        book="list",
        unit="messages",
        external="provider",
        own="machine",
        unit_usd=Decimal(unit_usd),
        machine_usd=Decimal(machine_usd),
        work="tokens",
        work_per_unit=work_per_unit,
        per_second=per_second,
        rule="never",
    )


def _of(found: tuple[BreakEven, ...], external: str, own: str) -> BreakEven:
    (one,) = (case for case in found if external in case.external and case.own.startswith(own))
    return one


OWN_MODEL = Machines(component="llm", type="p4d.24xlarge", count=Span.of(1, 1, 2))


def _warnings(messages: int, *things: Thing, output_tokens: int = 300) -> tuple[str, ...]:
    workload = Workload(
        agents=1, messages_per_agent=messages, output_tokens_per_message=output_tokens
    )
    inventory = Inventory(cloud="aws", region="us-east-1", things=things)
    return price(inventory, workload, LIST).warnings


def test_messages_that_a_models_own_machines_cannot_answer_are_warned_of() -> None:
    # 100 tokens a second of 300 a message: 876000 messages a month on a machine, 2 at most.
    workload = {"agents": 100, "messages_per_agent": 200_000}
    values = stack_file(
        "large",
        {"embedding": "api", "llm": {"hosting": "vllm"}, "workload": workload},
    )
    warnings = stack.bill_of(stack.load(values, secret_keys={"llm"}), LIST).warnings
    (said,) = (one for one in warnings if "own language model" in one)
    assert said.startswith(
        "the stack's own language model cannot answer 20,000,000 messages a month at 100 tokens a "
        "second, the most that the requirements document gives a machine: the bill has 2 of them "
        "at most, for 1,752,000 messages; it would take 23. "
    )


@pytest.mark.parametrize(("messages", "warned"), [(876_000, False), (876_002, True)])
def test_a_models_own_machines_count_at_their_maximum(messages: int, *, warned: bool) -> None:
    assert bool(_warnings(messages, replace(OWN_MODEL, count=Span.of(0, 1, 1)))) is warned
    assert not _warnings(messages, OWN_MODEL)


def test_messages_that_write_nothing_or_go_to_a_provider_ask_nothing_of_them() -> None:
    assert not _warnings(1_000_000, OWN_MODEL, output_tokens=0)
    provider = LanguageModel(component="llm", handle="openai/gpt-4.1-mini")
    assert _warnings(1_000_000, replace(OWN_MODEL, count=Span.of(0, 0, 1)))
    assert not _warnings(1_000_000, replace(OWN_MODEL, count=Span.of(0, 0, 1)), provider)


def test_the_documents_prices_put_embedding_servers_beyond_its_own_rule() -> None:
    # 0.02 for 1 M tokens, 1000 tokens a memory: 0.00002 a memory; servers 200 and 400 a month.
    cpu, gpu = embedding(SOURCE)
    assert cpu.crossing == 200 / Decimal("0.00002") == 10_000_000
    assert gpu.crossing == 400 / Decimal("0.00002") == 20_000_000
    assert gpu.rule_units == 5_000_000
    assert "from 20 M memories a month on" in gpu.sentence
    assert "from 5 M memories" in gpu.sentence
    assert "a provider's price of 0.08 for 1000 memories, not 0.02" in gpu.sentence


def test_embedding_servers_at_list_prices_cross_where_solved_by_hand() -> None:
    cpu, gpu = embedding(LIST)
    memory = LIST.price("openai", "text-embedding-3-small:input", "us-east-1").usd / 1000
    disk = LIST.price("ebs", "gp3", "us-east-1").usd
    for case, machine, disk_gb in ((cpu, "c5.2xlarge", 20), (gpu, "g4dn.xlarge", 50)):
        hour = LIST.price("ec2", machine, "us-east-1").usd
        assert case.crossing is not None
        bill = case.crossing * memory
        assert abs(bill - (730 * hour + disk_gb * disk)) < Decimal("1e-9")


def test_a_message_of_the_document_costs_what_it_says() -> None:
    # Section 5.2: 720 for a million messages without caching.
    mini = _of(language_model(SOURCE), "gpt-4.1-mini", "p4d")
    assert mini.unit_usd * 1_000_000 == 720
    # 1080 of 3600 tokens at 0.25, 2520 at a tenth of it, 300 at 1.25, for a million messages.
    haiku = _of(language_model(SOURCE), "claude-haiku-4-5", "p4d")
    assert haiku.unit_usd * 1_000_000 == 270 + 63 + 375


def test_a_language_model_at_the_documents_speed_never_pays_at_the_documents_prices() -> None:
    found = language_model(SOURCE)
    assert len(found) == 6
    for case in found:
        assert case.crossing is None
        assert case.lasting is None
        assert all(point.own_usd > point.external_usd for point in case.points)
        assert "never pays" in case.sentence
        assert "leaves out what a machine can serve" in case.sentence


def test_the_sentence_says_how_fast_a_machine_would_have_to_be() -> None:
    case = _of(language_model(SOURCE), "gpt-4.1-mini", "8 × A100")
    # 8 an hour against 720 a million messages of 300 tokens.
    messages = 8 * 730 / Decimal("0.00072")
    assert case.equal_bills == messages
    assert case.capacity == Decimal(100 * SECONDS) / 300
    assert case.needed_per_second == messages * 300 / SECONDS
    assert "8.11 M messages" in case.sentence
    assert "876 k of them at 100 tokens a second" in case.sentence
    assert "would have to do 926" in case.sentence


def test_a_machine_that_pays_only_when_full_pays_for_good_much_later() -> None:
    case = _of(language_model(LIST), "claude-haiku-4-5", "g5.4xlarge")
    assert case.crossing is not None
    assert case.lasting is not None
    assert case.crossing < case.capacity < case.lasting
    second = case.at(int(case.capacity) + 1)
    assert second.machines == 2
    assert second.own_usd > second.external_usd
    assert f"for good from {short(case.lasting)} on" in case.sentence


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.book}: {case.own}, {case.external}")
def test_both_bills_are_equal_at_the_crossing_and_only_there_change_sides(case: BreakEven) -> None:
    if case.crossing is None:
        assert case.equal_bills > case.capacity
        return
    assert case.at(int(case.crossing) - 1).external_usd < case.machine_usd
    after = case.at(int(case.crossing) + 1)
    assert after.machines == 1
    assert after.external_usd > after.own_usd


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.book}: {case.own}, {case.external}")
def test_points_rise_and_machines_serve_what_is_asked(case: BreakEven) -> None:
    assert (case.points[0].units, case.points[-1].units) == (1000, 10**9)
    for one, other in pairwise(case.points):
        assert one.units < other.units
        assert one.external_usd < other.external_usd
        assert one.own_usd <= other.own_usd
    for point in case.points:
        assert point.machines * case.capacity >= point.units
        assert (point.machines - 1) * case.capacity < point.units


@given(st.integers(1, 50), st.integers(1, 5000), st.integers(1, 40))
def test_the_crossings_are_those_that_a_search_finds(
    unit_cents: int, machine_usd: int, speed: int
) -> None:
    case = _case(str(Decimal(unit_cents) / 100), str(machine_usd), speed, work_per_unit=SECONDS)
    capacity = speed
    assert case.capacity == capacity
    unit = Decimal(unit_cents) / 100

    def pays(units: int) -> bool:
        return -(-units // capacity) * machine_usd <= units * unit

    full = [n for n in range(1, 2 * machine_usd + 2) if pays(n * capacity)]
    assert (case.crossing is None) == (not full)
    if case.crossing is not None:
        first = next(units for units in range(1, capacity + 1) if pays(units))
        assert first - 1 < case.crossing <= first
    if case.lasting is not None:
        begin = int(case.lasting.to_integral_value(rounding="ROUND_CEILING"))
        assert all(pays(units) for units in range(begin, begin + 5 * capacity))
        # Not for good any earlier: what one machine fewer serves does not yet pay for this one.
        machines = round(case.lasting / case.equal_bills)
        assert machines * machine_usd > (machines - 1) * capacity * unit


def test_a_machine_that_pays_only_when_full_to_the_last_never_pays_for_good() -> None:
    case = _case("0.50", "100", 200, work_per_unit=SECONDS)
    assert case.crossing == case.capacity == 200
    assert case.lasting is None
    assert "for good" not in case.sentence


def test_a_rule_that_holds_needs_no_other_price() -> None:
    right = replace(_case("0.50", "100", 900, work_per_unit=SECONDS), rule_units=Decimal(200))
    assert right.crossing == right.lasting == 200
    assert right.sentence.endswith(
        "from 200 messages a month on, a bill of 100.00. The document: never."
    )
    assert "would hold" in replace(right, rule_units=Decimal(100)).sentence


def test_one_machine_serves_whatever_is_little() -> None:
    case = _case("0.01", "100", 1)
    assert case.at(0).machines == 1
    assert case.at(1).machines == 1
    assert case.at(SECONDS).machines == 1
    assert case.at(SECONDS + 1).machines == 2


def test_a_region_without_prices_is_an_error_that_names_what_is_missing() -> None:
    with pytest.raises(PriceMissing, match=r"p4d\.24xlarge in ap-southeast-6"):
        language_model(LIST, "ap-southeast-6")


@pytest.mark.parametrize(
    ("number", "words"),
    [("0.08", "0.08"), ("100", "100"), ("876000", "876 k"), ("8111111", "8.11 M"), ("2e9", "2 G")],
)
def test_numbers_for_people_have_three_digits(number: str, words: str) -> None:
    assert short(Decimal(number)) == words
