"""What the page's source promises: nothing from elsewhere, everything escaped, readable by all."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from pricing.report import page
from pricing.report.plots import COLOURS
from pricing.report.report import Report
from pricing.report.svg import LogScale, apart
from tests.pricing.bills import BILL, REPORT, line
from tests.pricing.pages import AROUND, full_page, full_report

STYLE = (page.FILES / "page.css").read_text()

VOID = {"meta", "link", "input"}
FETCHING = {"src", "href", "srcset", "action", "poster", "data", "xlink:href"}


class Elements(HTMLParser):
    """All elements of a page, and whether each is closed where it should be."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def source() -> str:
    return full_page()


@pytest.fixture(scope="module")
def elements(source: str) -> Elements:
    return Elements(source)


def test_every_element_is_closed(elements: Elements) -> None:
    assert elements.open == []


def test_no_element_names_anything_to_fetch(elements: Elements) -> None:
    named = [
        (tag, attributes[name])
        for tag, attributes in elements.found
        for name in FETCHING & attributes.keys()
    ]
    assert named == [("link", "data:,")]
    assert not re.search(r"url\(|@import", STYLE)


def test_the_page_forbids_all_network_and_all_but_its_own_style_and_script(
    source: str, elements: Elements
) -> None:
    (meta,) = [one for one in elements.of("meta") if "http-equiv" in one]
    policy = str(meta["content"]).split("; ")
    assert policy[0] == "default-src 'none'"
    assert not [rule for rule in policy if "unsafe" in rule or "http" in rule or "*" in rule]
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_no_style_or_handler_stands_in_an_element(elements: Elements) -> None:
    assert not [
        name
        for _, attributes in elements.found
        for name in attributes
        if name == "style" or name.startswith("on")
    ]


def test_every_id_is_unique_and_every_reference_has_its_target(elements: Elements) -> None:
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in elements.found:
        for name in {"aria-labelledby", "for"} & attributes.keys():
            assert set(str(attributes[name]).split()) <= set(ids)


def test_every_picture_has_a_title_and_a_description(source: str) -> None:
    pictures = re.findall(r"<svg [^>]*role=\"img\".*?</svg>", source, re.DOTALL)
    assert len(pictures) >= 2 * (4 + 6)
    for picture in pictures:
        assert re.search(r"<title id=[^>]+>[^<]+</title><desc id=[^>]+>[^<]+</desc>", picture)


def test_every_table_has_headings_of_columns(elements: Elements) -> None:
    tables = len(elements.of("table"))
    assert tables >= 4
    assert len([one for one in elements.of("th") if one.get("scope") == "col"]) >= 4 * tables


def test_a_description_has_the_figures_of_the_picture(source: str) -> None:
    (description,) = re.findall(r'<desc id="points-wide-description">([^<]+)</desc>', source)
    for figure in ("893.29", "979.37", "1,581.93", "llm 720.00"):
        assert figure in description


HOSTILE = """</title><script>alert(1)</script> "><img src=x onerror='alert(1)'> {{ 7 * 7 }}"""


def test_what_a_stack_or_a_book_says_is_text_and_nothing_else() -> None:
    weak = line("llm", HOSTILE, "1.00", source=HOSTILE, note=HOSTILE, unit=HOSTILE)
    bill = replace(BILL, lines=(weak,), warnings=(HOSTILE,))
    around = replace(AROUND, missing={HOSTILE: HOSTILE}, bills={HOSTILE: bill, "small": BILL})
    found = Elements(page.render(replace(REPORT, stack=HOSTILE, bill=bill), around))
    assert len(found.of("script")) == 1
    assert found.of("img") == []
    assert found.open == []


def test_one_report_is_one_page_byte_for_byte(source: str) -> None:
    assert full_page() == source


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(replace(REPORT, budget_usd=None), id="no budget"),
        pytest.param(replace(REPORT, bill=replace(BILL, messages=0)), id="no messages"),
        pytest.param(replace(REPORT, bill=replace(BILL, lines=())), id="no lines"),
        pytest.param(
            replace(REPORT, bill=replace(BILL, lines=(line("api", "free", "0.00"),))), id="free"
        ),
    ],
)
def test_a_page_can_do_without(report: Report) -> None:
    around = replace(AROUND, bills={"medium": report.bill}, curves=(), missing={})
    assert Elements(page.render(report, around)).open == []


def test_what_is_not_priced_is_said_and_not_left_out(source: str) -> None:
    assert "large is not shown: a price is missing" in source


def test_the_page_shows_the_settings_of_its_savings(source: str) -> None:
    report = full_report()
    assert report.savings
    for saving in report.savings:
        assert saving.setting in source


def colours(scheme: str) -> dict[str, str]:
    """Names and values of a scheme's colours, from the style."""
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    return dict(re.findall(r"--(\w+): (#\w{6})", light if scheme == "light" else dark))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return sum(
            part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True)
        )

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs() -> Iterator[tuple[str, str, str, float]]:
    for scheme in ("light", "dark"):
        for ground in ("surface", "page"):
            for ink in ("ink", "soft", "bad", "weak"):
                yield scheme, ink, ground, 4.5
        for number in range(COLOURS + 1):
            yield scheme, f"c{number}", "surface", 3
        yield scheme, "focus", "surface", 3


@pytest.mark.parametrize(("scheme", "ink", "ground", "least"), list(pairs()))
def test_text_and_pictures_stand_out_from_their_ground(
    scheme: str, ink: str, ground: str, least: float
) -> None:
    found = colours(scheme)
    assert contrast(found[ink], found[ground]) >= least


def test_a_logarithmic_axis_holds_all_values_between_powers_of_ten() -> None:
    scale = LogScale([Decimal("0.02"), Decimal(3), Decimal(1000)], 0, 500)
    assert [str(decade.normalize()) for decade in scale.decades] == [
        "0.01", "0.1", "1", "1E+1", "1E+2", "1E+3",
    ]  # fmt: skip
    assert [round(scale(decade)) for decade in scale.decades] == [0, 100, 200, 300, 400, 500]


@pytest.mark.parametrize("values", [[], [Decimal(0)], [Decimal(5)], [Decimal(100)]])
def test_a_logarithmic_axis_of_few_values_is_an_axis(values: list[Decimal]) -> None:
    scale = LogScale(values, 0, 100)
    assert len(scale.decades) >= 2
    assert all(0 <= scale(value) <= 100 for value in values)


@pytest.mark.parametrize(
    ("heights", "placed"),
    [
        ([50, 10, 52, 51], [50, 10, 70, 60]),
        ([99, 98, 10], [100, 90, 10]),
        ([120], [100]),
        ([], []),
    ],
)
def test_labels_that_would_meet_are_set_apart_in_their_order_above_the_bottom(
    heights: list[float], placed: list[float]
) -> None:
    assert apart(heights, bottom=100, least=10) == placed
