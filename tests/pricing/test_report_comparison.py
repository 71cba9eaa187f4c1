from __future__ import annotations

from decimal import Decimal

from pricing.report.comparison import Comparison
from pricing.report.report import POINTS
from tests.pricing.bills import BILL, CHEAPER

CHANGE = Comparison(before_name="small", after_name="medium", before=CHEAPER, after=BILL)


def test_the_changes_of_components_add_up_to_that_of_the_whole() -> None:
    total = sum(component.change_usd for component in CHANGE.components)
    assert total == CHANGE.monthly_usd["expected"] == Decimal("570.24")


def test_the_whole_changes_at_each_of_the_three_points() -> None:
    assert CHANGE.monthly_usd == {
        point: getattr(BILL.monthly_usd, point) - getattr(CHEAPER.monthly_usd, point)
        for point in POINTS
    }


def test_the_changes_of_lines_add_up_to_that_of_their_component() -> None:
    for component in CHANGE.components:
        lines = CHANGE.lines(component.component)
        assert sum(line.change_usd for line in lines) == component.change_usd


def test_a_line_that_only_one_bill_has_is_no_line_of_the_other() -> None:
    (machine,) = CHANGE.lines("api")
    assert (machine.item, machine.before_usd) == ("machine m5.large", None)
    back = Comparison(before_name="medium", after_name="small", before=BILL, after=CHEAPER)
    (machine,) = back.lines("api")
    assert (machine.after_usd, machine.change_usd) == (None, Decimal("-210.24"))


def test_a_line_that_costs_the_same_is_left_out() -> None:
    assert CHANGE.lines("queue") == ()


def test_the_largest_change_comes_first() -> None:
    sizes = [abs(component.change_usd) for component in CHANGE.components]
    assert sizes == sorted(sizes, reverse=True)
