"""The report as one HTML file that needs nothing else: no network, no other file, no framework."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pricing.report import extras, plots, tables, words
from pricing.report.plots import NARROW_PIXELS, WIDE_PIXELS, Palette
from pricing.report.report import POINTS, Report
from pricing.report.surroundings import Surroundings
from pricing.report.svg import Drawing

FILES = Path(__file__).parent / "page_files"


@dataclass(frozen=True, kw_only=True)
class Key:
    """What a colour stands for."""

    kind: str
    name: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture in two widths, of which the page shows the one that there is room for."""

    name: str
    title: str
    about: str
    draw: Callable[[int], Drawing]
    keys: tuple[Key, ...] = ()

    @property
    def wide(self) -> Markup:
        """For a desktop."""
        return self._source("wide", WIDE_PIXELS)

    @property
    def narrow(self) -> Markup:
        """For a phone."""
        return self._source("narrow", NARROW_PIXELS)

    def _source(self, size: str, width: int) -> Markup:
        # Written by an XML library, which has escaped whatever needs it.
        return Markup(self.draw(width).source(f"{self.name}-{size}"))  # noqa: S704


def render(report: Report, around: Surroundings) -> str:
    """The page. Whatever comes from a stack file or a book is escaped in it."""
    environment = Environment(
        loader=FileSystemLoader(FILES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Both are this package's own files.
    style, script = (Markup((FILES / file).read_text("utf-8")) for file in ("page.css", "page.js"))  # noqa: S704
    return environment.get_template("page.html.j2").render(
        report=report,
        bill=report.bill,
        points=POINTS,
        words=words,
        sentences=list(tables.sentences(report)),
        figures=list(_figures(report, around)),
        break_evens=list(_break_evens(report)),
        missing=around.missing,
        # Break-evens are pictures here, each with its sentence.
        extras=list(extras.tables(replace(report, break_evens=None))),
        style=style,
        script=script,
        policy=policy(style, script),
    )


def policy(style: str, script: str) -> str:
    """The page's Content-Security-Policy: its own style and script, and nothing from anywhere."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            # The empty icon, without which browsers ask for one.
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _figures(report: Report, around: Surroundings) -> Iterator[Figure]:
    bill = report.bill
    palette = Palette(bill, around.bills.values())
    yield Figure(
        name="points",
        title="The bill by component",
        about="; ".join(f"{point}: {meaning}" for point, meaning in POINTS.items()),
        draw=lambda width: plots.points(bill, palette, width),
        keys=tuple(
            Key(kind=palette.kind(part), name=part, value=words.usd(amount))
            for part, amount in palette.parts(bill).items()
        ),
    )
    if len(around.bills) > 1:
        yield Figure(
            name="tiers",
            title="Stacks side by side",
            about="What each bill is made of, as expected. Every bar is one whole bill.",
            draw=lambda width: plots.tiers(around.bills, palette, width),
            keys=tuple(
                Key(kind=palette.kind(part), name=part)
                for part in dict.fromkeys(
                    part for other in around.bills.values() for part in palette.parts(other)
                )
            ),
        )
    if around.curves:
        yield Figure(
            name="agents",
            title="Cost of one agent",
            about=(
                "Each stack as it is sized, with more or fewer agents than it declares (the dot). "
                "Dotted: more than it was sized for."
            ),
            draw=lambda width: plots.per_agent(around.curves, width),
        )
    amounts = {
        saving.switch.title: saving.saves_usd
        for saving in report.savings or ()
        if saving.state == "off" and saving.saves_usd > 0
    }
    if amounts:
        yield Figure(
            name="savings",
            title="What switches would save",
            about="USD a month as expected, each alone; the table below has the settings.",
            draw=lambda width: plots.savings(amounts, width),
        )


def _break_evens(report: Report) -> Iterator[Figure]:
    for number, found in enumerate(report.break_evens or ()):
        yield Figure(
            name=f"break-even-{number}",
            title=f"{found.own} against {found.external}",
            about=found.sentence,
            draw=lambda width, found=found: plots.break_even(found, width),  # type: ignore[misc]
        )
