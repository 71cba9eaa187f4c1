"""`letta-cloud cost` as a user runs it, on the project's own stacks."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from infra import checkout
from infra.tiers import TIERS
from pricing import book as books
from pricing import stack
from tests.cli.conftest import Home
from tools.setup.common import ROOT

REFERENCES = {"small": 102, "medium": 1483, "large": 11901}
"""Totals of the requirements document, section 9."""

LEAN = """
import sys
from cli.__main__ import main
status = main(sys.argv[1:])
roots = {name.partition(".")[0] for name in sys.modules}
print(status, *sorted(roots), file=sys.stderr)
"""
MEMORY = """
import re, resource, sys
from pathlib import Path
from cli.__main__ import main
main(["cost", "--json"])
status = Path("/proc/self/status")
if status.exists():
    # On Linux the usage of resources still counts the process that started this one.
    peak = 1024 * int(re.search("VmHWM:\\s*([0-9]+) kB", status.read_text())[1])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak, file=sys.stderr)
"""
MOST_MEMORY_BYTES = 120 * 10**6


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What the command says as JSON."""
    assert main(["cost", "--json", *words]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Some code in a process of its own, in the project's root."""
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )


@pytest.mark.parametrize("tier", TIERS)
def test_the_command_has_the_bill_of_the_stack_to_the_cent(
    capsys: pytest.CaptureFixture[str], tier: str
) -> None:
    settings = stack.load_stack(checkout.file(tier))
    bill = stack.bill_of(settings, books.load(books.CURRENT))
    found = told(capsys, "--stack", tier)
    assert found["monthly"] == {
        "floor": float(bill.monthly_usd.floor),
        "expected": float(bill.monthly_usd.expected),
        "ceiling": float(bill.monthly_usd.ceiling),
    }
    assert [(line["item"], line["monthly"]) for line in found["lines"]] == [
        (line.item, float(line.monthly_usd.expected)) for line in bill.lines
    ]
    assert (found["stack"], found["book"]) == (tier, books.CURRENT)
    assert found["budget"] == settings.budget_usd


@pytest.mark.parametrize("tier", REFERENCES)
def test_a_reference_is_the_document_s_bill_by_the_document_s_book(
    capsys: pytest.CaptureFixture[str], tier: str
) -> None:
    found = told(capsys, "--reference", tier)
    assert found["book"] == "source-2025"
    assert found["monthly"]["expected"] == REFERENCES[tier]
    assert found["statement"]
    assert told(capsys, "--reference", tier, "--book", "list")["book"] == "list"


@pytest.mark.parametrize("tier", REFERENCES)
def test_a_reference_against_its_stack_is_explained_to_the_cent(
    capsys: pytest.CaptureFixture[str], tier: str
) -> None:
    explained = told(capsys, "--reference", tier, "--compare", tier)["explanation"]
    steps = sum(round(step["monthly"] * 100) for step in explained["steps"])
    assert explained["document"] == REFERENCES[tier]
    assert explained["stack"] == told(capsys, "--stack", tier)["monthly"]["expected"]
    assert round(explained["document"] * 100) + steps == round(explained["stack"] * 100)


def test_a_reference_against_the_other_book_has_every_line_of_the_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = told(capsys, "--reference", "medium", "--compare", "list")
    other = told(capsys, "--reference", "medium", "--book", "list", "--compare", "source-2025")
    assert one["restated"] == other["restated"]
    assert len(one["restated"]) == len(one["statement"])
    assert one["comparison"]["change"]["expected"] == -other["comparison"]["change"]["expected"]


def test_a_stack_is_compared_with_another(capsys: pytest.CaptureFixture[str]) -> None:
    small, medium = told(capsys, "--stack", "small"), told(capsys, "--stack", "medium")
    compared = told(capsys, "--stack", "medium", "--compare", "small")["comparison"]
    change = medium["monthly"]["expected"] - small["monthly"]["expected"]
    assert compared["change"]["expected"] == pytest.approx(change)
    assert compared["with"] == "small"


def test_a_stack_file_is_compared_with_the_one_that_it_would_replace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "Pulumi.medium.yaml"
    text = checkout.file("medium").read_text()
    file.write_text(f"{text}  letta:api: {{replicas: 4}}\n")
    found = told(capsys, "--file", str(file), "--compare", "medium")
    changed = {
        component["component"]: [line["item"] for line in component["lines"]]
        for component in found["comparison"]["components"]
        if component["change"]
    }
    assert found["stack"] == "medium"
    assert {key: sorted(items) for key, items in changed.items()} == {
        "api": ["disk gp3", "machine m5.large"]
    }


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ([], set()),
        (["--savings"], {"savings"}),
        (["--break-even"], {"break_evens"}),
        (["--path"], {"path", "stack_path"}),
    ],
)
def test_what_is_asked_for_is_there_and_nothing_else(
    capsys: pytest.CaptureFixture[str], words: list[str], keys: set[str]
) -> None:
    plain = told(capsys).keys()
    assert told(capsys, *words).keys() - plain == keys


def test_the_switches_that_would_save_come_first_and_by_what_they_save(
    capsys: pytest.CaptureFixture[str],
) -> None:
    savings = told(capsys, "--savings")["savings"]
    off = [saving["saves"] for saving in savings if saving["state"] == "off"]
    assert off == sorted(off, reverse=True)
    assert [saving["state"] for saving in savings[: len(off)]] == ["off"] * len(off)


@pytest.mark.parametrize("form", [[], ["--markdown"]])
@pytest.mark.parametrize("words", [["--stack", "large"], ["--reference", "large"]])
def test_every_form_has_the_same_total(
    capsys: pytest.CaptureFixture[str], form: list[str], words: list[str]
) -> None:
    total = told(capsys, *words)["monthly"]["expected"]
    assert main(["cost", *words, *form]) == 0
    assert f"{total:,.2f}" in capsys.readouterr().out


def test_a_page_is_written_and_named_and_nothing_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cost.html"
    assert main(["cost", "--html", str(file)]) == 0
    heard = capsys.readouterr()
    assert (heard.out, heard.err) == ("", f"Written: {file}\n")
    total = told(capsys)["monthly"]["expected"]
    assert f"{total:,.2f}" in file.read_text(encoding="utf-8")


def test_the_page_has_all_tiers_and_the_cost_of_an_agent_from_a_hundred_to_a_million(
    tmp_path: Path,
) -> None:
    file = tmp_path / "cost.html"
    main(["cost", "--stack", "small", "--html", str(file)])
    said = file.read_text(encoding="utf-8")
    (tiers,) = re.findall(r'<desc id="tiers-wide-description">([^<]+)<', said)
    (agents,) = re.findall(r'<desc id="agents-wide-description">([^<]+)<', said)
    for tier in TIERS:
        assert f"{tier}: " in tiers
        assert re.search(rf"{tier}: [\d.,]+ USD at 100 to [\d.,]+ at 1M", agents)


def test_neither_engine_nor_sandbox_is_asked_or_made_ready(home: Home) -> None:
    for program in (home.directory / "bin").iterdir():
        program.unlink()
    done = home.letta_cloud("cost", "--savings", "--markdown")
    assert (done.returncode, done.stderr) == (0, "")
    assert [entry.name for entry in home.directory.iterdir()] == ["bin"]


@pytest.mark.parametrize(
    ("words", "needless"),
    [
        (
            ["--json"],
            {"pulumi", "grpc", "google", "sqlite3", "sandbox", "policies", "rich", "jinja2"},
        ),
        (["--markdown"], {"pulumi", "grpc", "sqlite3", "sandbox", "policies", "rich", "jinja2"}),
        ([], {"pulumi", "grpc", "sqlite3", "sandbox", "policies", "jinja2"}),
    ],
)
def test_a_form_imports_what_it_needs_and_never_the_engine(
    words: list[str], needless: set[str]
) -> None:
    status, *modules = python(LEAN, "cost", *words).stderr.split()
    assert status == "0"
    assert not needless & set(modules)


def test_the_command_is_small_in_memory() -> None:
    assert int(python(MEMORY).stderr) <= MOST_MEMORY_BYTES


def on_terminal(columns: int, *words: str, **variables: str) -> str:
    """What the command shows on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
    running = subprocess.Popen(
        [sys.executable, "-m", "cli", "cost", *words],
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment, "TERM": "xterm-256color", **variables},
    )
    os.close(theirs)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    os.close(ours)
    assert running.wait() == 0
    return shown.decode()


def _read(terminal: int) -> bytes:
    """The next of what was written; nothing once the writer is gone."""
    try:
        return os.read(terminal, 65536)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return b""


ESCAPES = re.compile(r"\x1b\[([\d;]*)m")


@pytest.mark.parametrize("columns", [80, 132])
def test_on_a_terminal_no_line_is_wider_than_it_and_no_number_is_cut(columns: int) -> None:
    shown = on_terminal(columns, "--stack", "large", "--compare", "medium")
    lines = ESCAPES.sub("", shown).splitlines()
    assert max(map(len, lines)) <= columns
    assert "…" not in shown


def test_a_user_who_wants_no_colour_gets_none_and_a_dumb_terminal_gets_letters_alone() -> None:
    codes = {
        code
        for found in ESCAPES.findall(on_terminal(100, NO_COLOR="1"))
        for code in found.split(";")
    }
    assert codes <= {"", "0", "1"}
    assert "\x1b" not in on_terminal(100, TERM="dumb")


def test_a_pipe_gets_letters_alone(home: Home) -> None:
    assert "\x1b" not in home.letta_cloud("cost", TERM="xterm-256color").stdout


def test_an_encoding_that_lacks_a_sign_is_no_reason_to_fail(home: Home) -> None:
    done = home.letta_cloud("cost", "--reference", "medium", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 ? m5.large" in done.stdout
