"""The table, the page and the plot."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bench import page, plot
from bench.figures import Aim, Figure, Spread
from bench.parts import PARTS, Growth
from bench.profiling import Profile, package_of
from tools.setup.common import ROOT, UserError

RATIO = Figure(
    part="flat",
    what="ours / theirs",
    unit="",
    value=Spread(middle=1.05, low=1.0, high=1.2),
    aim=Aim(most=1.1),
    note="63 resources",
)
MISSED = Figure(part="memory", what="peak", unit="MiB", value=Spread.of([900.0]), aim=Aim(most=700))
TOLD = Figure(part="cdk", what="told", unit="s", value=Spread.of([3.0]))
GROWTH = Growth(
    seconds={1: Spread.of([4.0]), 10: Spread(middle=20, low=19, high=23), 50: Spread.of([90.0])},
    peaks_mib={"program": {1: Spread.of([170.0]), 10: Spread.of([260.0]), 50: Spread.of([650.0])}},
)
PROFILE = Profile(deployments=1, seconds={"pulumi": 3.0, "components": 1.0})


def result(*figures: Figure) -> page.Result:
    return page.Result(
        figures=figures,
        growth=GROWTH,
        profiles=[PROFILE],
        machine="2 processors",
        day=date(2026, 11, 23),
    )


def test_a_row_tells_aim_measure_and_whether_it_is_met() -> None:
    rows = page.table([RATIO, MISSED, TOLD]).splitlines()[2:]
    assert rows == [
        "| ours / theirs | ≤ 1.10 | 1.05 (1.00–1.20) | met | 63 resources |",
        "| peak | ≤ 700 MiB | 900 MiB | **missed** |  |",
        "| told | – | 3 s |  |  |",
    ]


def test_a_missed_aim_is_explained_by_the_profile() -> None:
    text = page.page(result(RATIO))
    assert "| pulumi | 3.00 | 75 % |" in text
    assert "Where the time goes" not in page.page(
        page.Result(figures=[RATIO], growth=GROWTH, profiles=[], machine="", day=date.min)
    )


def test_programs_get_the_same_figures() -> None:
    told = json.loads(json.dumps(result(RATIO, MISSED).as_json()))
    assert [(one["what"], one["median"], one["met"]) for one in told["figures"]] == [
        ("ours / theirs", 1.05, True),
        ("peak", 900.0, False),
    ]


def test_a_page_is_written_only_when_everything_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(page, "PLOT", tmp_path / "plot.svg")
    with pytest.raises(UserError, match="chain, growth"):
        page.write(result(RATIO, MISSED, TOLD))
    assert not list(tmp_path.iterdir())
    whole = [Figure(part=part, what=part, unit="s", value=Spread.of([1.0])) for part in PARTS]
    page.write(result(*whole))
    assert "](plot.svg)" in (tmp_path / "page.md").read_text(encoding="utf-8")
    assert (tmp_path / "plot.svg").exists()


def test_the_same_figures_make_the_same_plot(tmp_path: Path) -> None:
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    plot.draw(GROWTH, one)
    plot.draw(GROWTH, other)
    assert one.read_bytes() == other.read_bytes()
    assert "deployments in one stack" in one.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "package"),
    [
        (str(ROOT / "components" / "aws" / "site.py"), "components"),
        (str(ROOT / ".venv/lib/python3.11/site-packages/pulumi/output.py"), "pulumi"),
        ("/usr/lib/python3/site-packages/typing_extensions.py", "typing_extensions"),
        ("/usr/lib/python3.11/asyncio/events.py", "Python"),
        ("<frozen importlib._bootstrap>", "Python"),
        ("~", "functions in C"),
    ],
)
def test_a_profile_is_told_by_package(file: str, package: str) -> None:
    assert package_of(file) == package
