from __future__ import annotations

import pytest

from infra import checkout
from infra.tiers import TIERS
from policies import stack_settings
from policies.facts.kubernetes.tenancy import INAPPLICABLE
from policies.rules import RULES
from policies.stack_settings import UnreadableSettings
from pricing import book, savings, stack
from pricing.inventory import Inventory
from pricing.plans import inventory
from tests.policies import assembly
from tests.policies.changes import Edit, Gone, Put, Where, apply
from tests.policies.clouds.kubernetes import CASE


def test_what_has_nothing_to_look_at_is_not_broken_and_not_asked() -> None:
    deployment = CASE.facts("medium", CASE.good("medium"))
    asked = [rule for rule in RULES if rule.name not in deployment.inapplicable]
    assert len(asked) == len(RULES) - len(INAPPLICABLE)


@pytest.mark.parametrize("tier", TIERS)
def test_stack_file_and_resources_come_to_the_same_bill(tier: str) -> None:
    settings = stack.load(assembly.stack_file(tier, {}, CASE.cloud), secret_keys=("llm",))
    planned, built = inventory(settings), CASE.facts(tier, CASE.good(tier)).inventory
    assert _counted(planned) == _counted(built)


def _counted(found: Inventory) -> list[str]:
    own = {"name": "", "urn": ""}
    return sorted(repr({**vars(thing), **own}) for thing in found.things)


def test_a_database_without_archive_keeps_nothing_when_it_goes() -> None:
    (database,) = CASE.facts(
        "medium", apply(CASE.good("medium"), (Gone(Where("ObjectStore")),))
    ).databases
    assert not database.final_snapshot
    assert database.backup_retention_days == 0


def test_a_dump_that_does_not_come_every_day_breaks_the_rule_and_has_no_price() -> None:
    weekly = Put(Where("CronJob", "-dump"), "spec.schedule", "17 3 * * 1")
    broken = CASE.judged("medium", apply(CASE.good("medium"), (weekly,)))
    assert set(broken) == {"database-dumped", "every-billable-resource-is-priced"}


def test_what_is_no_dump_takes_its_room_for_seconds() -> None:
    other = Edit(
        Where("CronJob", "-dump"),
        "spec.jobTemplate.spec.template.spec.initContainers.0",
        lambda container: container.update(command=["true"]),
    )
    deployment = CASE.facts("medium", apply(CASE.good("medium"), (other,)))
    assert deployment.dumps == ()
    assert deployment.unpriced == ()


def test_a_stack_without_prices_of_its_cluster_is_refused() -> None:
    values = assembly.stack_file("medium", {"kubernetes": {"prices": None}}, CASE.cloud)
    with pytest.raises(ValueError, match=r"letta:kubernetes\.prices"):
        stack.load(values)


def test_a_secret_that_the_state_would_show_is_seen() -> None:
    shown = Edit(
        Where("ObjectStore"), "spec", lambda spec: spec.update(note="test-0123456789abcdef")
    )
    deployment = CASE.facts("medium", apply(CASE.good("medium"), (shown,)))
    assert any("test-0123456789abcdef" in text.value for text in deployment.texts)


def test_what_would_be_saved_is_counted_at_the_owner_s_prices() -> None:
    file = stack.read(checkout.file("medium-kubernetes"))
    found = savings.ranked(
        file.values, lambda values: stack.load(values, ("llm",)), book.load(book.CURRENT)
    )
    assert any(one.saves_usd > 0 for one in found)


def test_a_cloud_that_there_is_not_leaves_nothing_to_read() -> None:
    values = {**assembly.stack_file("medium", {}, CASE.cloud), "cloud": "moon"}
    with pytest.raises(UnreadableSettings, match="letta:cloud is moon"):
        stack_settings.load(values)
