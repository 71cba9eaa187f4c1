"""The page as a browser shows it: quiet, alone, within the window, and of use to a keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cli.__main__ import main
from tests.pricing.bills import LINES
from tests.pricing.pages import LONG_NAME, full_page, page_of_long_names
from tools.setup import browser as installed

DESKTOP, PHONE = 1280, 390
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HAND_MADE = "made by hand"
LONG_NAMES = "long names"
COMMANDS = {
    HAND_MADE: (),
    LONG_NAMES: (),
    "small": ("--stack", "small"),
    "large": ("--stack", "large", "--compare", "medium"),
    "reference": ("--reference", "medium", "--compare", "medium"),
}
"""Page -> words of the command that writes it."""

TEXTS = """() => [...document.querySelectorAll("svg[role=img]")]
  .filter((svg) => svg.getClientRects().length)
  .map((svg) => ({
    name: svg.querySelector("title").textContent,
    width: svg.viewBox.baseVal.width,
    height: svg.viewBox.baseVal.height,
    texts: [...svg.querySelectorAll("text")].map((text) => {
      const { x, y, width, height } = text.getBBox();
      return { said: text.textContent, x, y, width, height };
    }),
  }))"""

BROKEN = """() => [...document.querySelectorAll("td.item, td.text")].flatMap((cell) => {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    for (const word of walker.currentNode.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, word.index);
      range.setEnd(walker.currentNode, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => box.top));
      if (lines.size > 1) found.push(word[0]);
    }
  }
  return found;
})"""
"""Words that stand on more than one line."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, or else the one that playwright keeps."""
    with sync_playwright() as playwright:
        # Its sandbox refuses root; what it is shown is our own.
        yield playwright.chromium.launch(
            executable_path=installed.find(), chromium_sandbox=False, args=["--disable-gpu"]
        )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every page as a file."""
    folder = tmp_path_factory.mktemp("pages")
    found = {name: folder / f"{name}.html" for name in COMMANDS}
    found[HAND_MADE].write_text(full_page(), encoding="utf-8")
    found[LONG_NAMES].write_text(page_of_long_names(), encoding="utf-8")
    for name, words in COMMANDS.items():
        if words:
            assert main(["cost", *words, "--html", str(found[name])]) == 0
    return found


def shown(
    browser: Browser,
    file: Path,
    width: int,
    *,
    scripts: bool = True,
) -> tuple[Page, list[str]]:
    """The page in a window, and all that it says or asks for besides itself."""
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        java_script_enabled=scripts,
    )
    heard: list[str] = []
    page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    page.on("request", lambda request: heard.append(f"request: {request.url}"))
    page.goto(file.as_uri())
    heard.remove(f"request: {file.as_uri()}")
    return page, heard


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_says_nothing_asks_for_nothing_and_fits_the_window(
    browser: Browser, files: dict[str, Path], name: str, width: int
) -> None:
    page, heard = shown(browser, files[name], width)
    grounds = set()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert heard == []
    assert len(grounds) == len(SCHEMES)
    page.close()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", COMMANDS)
def test_words_in_pictures_are_whole_and_do_not_meet(
    browser: Browser, files: dict[str, Path], name: str, width: int
) -> None:
    page, _ = shown(browser, files[name], width)
    for picture in page.evaluate(TEXTS):
        texts = picture["texts"]
        assert texts, picture["name"]
        for text in texts:
            assert text["x"] >= 0, (picture["name"], text)
            assert text["x"] + text["width"] <= picture["width"] + 1, (picture["name"], text)
            assert 0 <= text["y"] + text["height"] / 2 <= picture["height"], picture["name"]
        for at, one in enumerate(texts):
            for other in texts[at + 1 :]:
                assert not meet(one, other), (picture["name"], one["said"], other["said"])
    page.close()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", COMMANDS)
def test_no_item_is_broken_inside_a_word(
    browser: Browser, files: dict[str, Path], name: str, width: int
) -> None:
    page, _ = shown(browser, files[name], width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate(BROKEN) == []
    page.close()


def test_a_long_name_leaves_the_amount_in_the_picture_and_is_told_whole_in_its_description(
    browser: Browser, files: dict[str, Path]
) -> None:
    page, _ = shown(browser, files[LONG_NAMES], PHONE)
    (picture,) = (one for one in page.evaluate(TEXTS) if one["name"].startswith("What each stack"))
    said = [text["said"] for text in picture["texts"]]
    assert all(re.fullmatch(r"custom\S*…: [\d,.]+ USD, [\d,.]+ an agent", one) for one in said)
    assert f"{LONG_NAME}-1: " in page.content()
    page.close()


def meet(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether two boxes lie over each other; a box of text has some air above and below."""
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return across > 0 and down > 4


@pytest.mark.parametrize(
    ("width", "seen", "unseen"), [(DESKTOP, "wide", "narrow"), (PHONE, "narrow", "wide")]
)
def test_each_window_has_the_picture_drawn_for_it(
    browser: Browser, files: dict[str, Path], width: int, seen: str, unseen: str
) -> None:
    page, _ = shown(browser, files[HAND_MADE], width)
    assert page.locator(f".{seen} svg").first.is_visible()
    assert not page.locator(f".{unseen} svg").first.is_visible()
    page.close()


def test_the_page_s_own_policy_stops_what_would_leave_it(
    browser: Browser, files: dict[str, Path]
) -> None:
    page, _ = shown(browser, files[HAND_MADE], DESKTOP)
    stopped = page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) =>
            resolve(event.effectiveDirective));
          fetch("http://127.0.0.1:9/").catch(() => {});
        })"""
    )
    assert stopped == "connect-src"
    page.close()


def items(page: Page) -> list[str]:
    """Items of the table as it stands, what the search hides left out."""
    return page.locator("#lines tbody tr:visible td.item").all_inner_texts()


def test_the_search_leaves_what_has_all_its_words_and_adds_it_up(
    browser: Browser, files: dict[str, Path]
) -> None:
    page, _ = shown(browser, files[HAND_MADE], DESKTOP)
    assert page.locator("#found").inner_text() == "4 of 4 lines, 979.37 USD a month"
    page.get_by_label("Search").fill("API m5")
    assert items(page) == ["machine m5.large"]
    assert page.locator("#found").inner_text() == "1 of 4 lines, 210.24 USD a month"
    page.get_by_label("Search").fill("no such thing")
    assert items(page) == []
    page.get_by_label("Search").fill("")
    assert len(items(page)) == len(LINES)
    page.close()


def test_the_table_is_sorted_by_number_with_the_keyboard_alone(
    browser: Browser, files: dict[str, Path]
) -> None:
    page, _ = shown(browser, files[HAND_MADE], PHONE)
    button = page.get_by_role("button", name="USD a month")
    button.focus()
    cheapest_first = ["requests to the queue", "disk gp3", "machine m5.large", "tokens read"]
    page.keyboard.press("Enter")
    assert items(page) == cheapest_first
    heading = page.locator("#lines th", has=button)
    assert heading.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert items(page) == cheapest_first[::-1]
    assert heading.get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Item").click()
    assert items(page) == sorted(cheapest_first)
    assert heading.get_attribute("aria-sort") is None
    page.close()


def test_a_table_that_is_wider_than_a_phone_scrolls_by_itself(
    browser: Browser, files: dict[str, Path]
) -> None:
    page, _ = shown(browser, files[HAND_MADE], PHONE)
    region = page.get_by_role("region", name="Every line")
    assert region.evaluate("(one) => one.scrollWidth > one.clientWidth && one.tabIndex === 0")
    page.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_desktop_shows_every_column_of_the_bill(
    browser: Browser, files: dict[str, Path], name: str
) -> None:
    page, _ = shown(browser, files[name], DESKTOP)
    region = page.get_by_role("region", name="Every line")
    assert region.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
    page.close()


def test_without_scripts_every_line_is_there_and_no_search_that_does_nothing(
    browser: Browser, files: dict[str, Path]
) -> None:
    page, heard = shown(browser, files[HAND_MADE], DESKTOP, scripts=False)
    assert not page.get_by_label("Search").is_visible()
    assert len(items(page)) == len(LINES)
    assert heard == []
    page.close()
