"""The figures for readers: the table, the page in docs, the same as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench import plot
from bench.figures import Figure, Spread
from bench.parts import COUNTS, PARTS, PER_STACK_RULES, SCALED_CHAIN_SECONDS, Growth
from bench.profiling import SHOWN, Profile
from tools.setup.common import ROOT, UserError

PAGE, PLOT = ROOT / "docs" / "benchmark.md", ROOT / "docs" / "benchmark-growth.svg"

HEAD = """# Benchmark

Measured by `make bench`, part by part, on {machine}, {day}. Ratios are medians over pairs of
interleaved runs, other figures medians of runs, with the least and the most in brackets.

"""
NOTES = """
- **Flat program**: the same resources with the same arguments, each waiting for the same others,
  written one by one without components or settings and with every value a literal. *With our
  settings of the interpreter*: garbage collection and the SDK's debug messages are off as in
  `infra/__main__.py`, so what is left is the assembly. No stack here is deployed yet.
- **Longest chain**: the latencies of creation in the sandbox's tables, added up along the longest
  chain of resources that wait for each other, scaled until that takes {chain:.0f} s. The `up`
  against it is the whole command, preview and policies included.
- **One more deployment**: the stack holds {counts} deployments of medium with names and domains
  of their own. {waived} hold a whole stack to the limits of one deployment and are waived there;
  every other rule is checked.
- **Peak memory** is the sum of two processes' peaks, the program's and the policy pack's.

![Time and memory by deployments in one stack]({plot})
"""
PROFILE = """
## Where the time goes

An aim is missed, so this is the profile of a preview: the program's own time by package under
`cProfile`, which slows it ({deployments} deployments of medium, {total:.1f} s in all).

| package | seconds | share |
|---|---|---|
"""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One run of the benchmark, as it is published."""

    figures: Sequence[Figure]
    growth: Growth
    profiles: Sequence[Profile]
    machine: str
    day: date

    @classmethod
    def of(cls, figures: Sequence[Figure], growth: Growth, profiles: Sequence[Profile]) -> Result:
        """Of what was measured now, here."""
        return cls(
            figures=figures,
            growth=growth,
            profiles=profiles,
            machine=machine(),
            day=datetime.now(UTC).date(),
        )

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "machine": self.machine,
            "date": self.day.isoformat(),
            "figures": [
                {
                    "part": figure.part,
                    "what": figure.what,
                    "unit": figure.unit or "ratio",
                    "median": figure.value.middle,
                    "min": figure.value.low,
                    "max": figure.value.high,
                    "aim": figure.aim.most if figure.aim else None,
                    "met": figure.met,
                    "note": figure.note,
                }
                for figure in self.figures
            ],
            "profiles": [asdict(profile) for profile in self.profiles],
        }


def machine() -> str:
    """Processors, memory and software that times depend on."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} processors ({_processor()}), {gib:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def table(figures: Sequence[Figure]) -> str:
    """Figures as a table of Markdown."""
    lines = ["| what | aim | measured | | |", "|---|---|---|---|---|"]
    for figure in figures:
        sign = {True: "met", False: "**missed**", None: ""}[figure.met]
        cells = (figure.what, _aim(figure), _value(figure), sign, figure.note)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _aim(figure: Figure) -> str:
    if figure.aim is None:
        return "–"
    return f"{'<' if figure.aim.below else '≤'} {_number(figure.aim.most, figure)}"


def _value(figure: Figure) -> str:
    spread: Spread = figure.value
    middle = _number(spread.middle, figure)
    if spread.low == spread.high:
        return middle
    return f"{middle} ({_number(spread.low, figure)}–{_number(spread.high, figure)})"


def _number(value: float, figure: Figure) -> str:
    return f"{value:.2f}" if not figure.unit else f"{value:.0f} {figure.unit}"


def write(result: Result) -> None:
    """Write the page and its plot. Raises `UserError` unless every part was measured."""
    missing = PARTS.keys() - {figure.part for figure in result.figures}
    if missing:
        raise UserError(f"a page without {', '.join(sorted(missing))} is not written")
    plot.draw(result.growth, PLOT)
    PAGE.write_text(page(result), encoding="utf-8")


def page(result: Result) -> str:
    """The page in docs."""
    counts = [str(count) for count in COUNTS]
    notes = NOTES.format(
        chain=SCALED_CHAIN_SECONDS,
        counts=f"{', '.join(counts[:-1])} and {counts[-1]}",
        waived=" and ".join(f"`{rule}`" for rule in PER_STACK_RULES),
        plot=PLOT.name,
    )
    text = (
        HEAD.format(machine=result.machine, day=result.day) + table(result.figures) + "\n" + notes
    )
    for profile in result.profiles:
        text += PROFILE.format(deployments=profile.deployments, total=profile.total_seconds)
        for package, seconds in list(profile.seconds.items())[:SHOWN]:
            share = 100 * seconds / profile.total_seconds
            text += f"| {package} | {seconds:.2f} | {share:.0f} % |\n"
    return text
