"""Whatever a user gets wrong is one message that says what, and no bill."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.__main__ import main
from cli.cost import BUDGET_RULE
from policies.rules.cost import RULES
from pricing.bill import Bill
from pricing.span import Span
from tests.infra.stack_files import BAD, GOOD, Bad

WORKLOAD = GOOD["workload"]


def workload(name: str, **change: object) -> Callable[[str], Bad]:
    """A workload with one value that cannot be."""
    return lambda words: Bad(name, {"workload": {**WORKLOAD, **change}}, (words,))


VALUES = (
    workload("negative agents", agents=-1)("letta:workload.agents: -1"),
    workload("no agents", agents=0)("letta:workload.agents: 0"),
    workload("absurdly many agents", agents=10**12)("letta:workload.agents: 1000000000000"),
    workload("half an agent", agents=0.5)("letta:workload.agents"),
    workload("agents in words", agents="many")("letta:workload.agents"),
    workload("negative messages", messages_per_agent=-5)("letta:workload.messages_per_agent: -5"),
    workload("absurdly many messages", messages_per_agent=10**9)("messages_per_agent"),
    workload("negative tokens", input_tokens_per_message=-1)("input_tokens_per_message: -1"),
    workload("absurdly long answers", output_tokens_per_message=10**9)("output_tokens"),
    workload("more cached than read", cached_input_share=1.5)("cached_input_share: 1.5"),
    workload("traffic that is no number", traffic_kb_per_message=math.nan)("traffic_kb"),
    workload("logs without end", log_kb_per_message=math.inf)("log_kb_per_message"),
    workload("negative files", file_mb_per_agent=-0.1)("file_mb_per_agent: -0.1"),
    workload("misspelt value", mesages=1)("letta:workload.mesages: unknown key"),
    Bad("negative budget", {"budget": "-5"}, ("letta:budget: -5 must be between",)),
    Bad("budget that is no number", {"budget": math.nan}, ("letta:budget",)),
    Bad("unknown region", {"region": "mars-1"}, ("letta:region: 'mars-1'", "does not exist")),
    Bad(
        "machine of no size",
        {"api": {"instance_type": "m5.giant"}},
        ("letta:api.instance_type: 'm5.giant'",),
    ),
    Bad("model without provider", {"llm": {"model": "gpt"}}, ("letta:llm.model",)),
    Bad("unknown provider", {"llm": {"model": "nobody/x"}}, ("letta:llm.model: no provider",)),
    Bad("unknown switch", {"savings": {"spot": True}}, ("letta:savings.spot: unknown key",)),
    Bad("reserved for two years", {"savings": {"reserved_years": 2}}, ("reserved_years",)),
    Bad("role that is a secret", {"llm": {"secure": "v1:abc"}}, ("letta:llm is encrypted",)),
)
UNPRICED = (
    Bad(
        "model without a price",
        {"llm": {"model": "openai/gpt-99"}},
        ("gpt-99:input", "gpt-99:output", "gpt-99:cache-read", "the nearest sku of openai"),
    ),
    Bad(
        "embedding model without a price",
        {"embedding": {"model": "openai/embed-99"}},
        ("book list has no price of openai embed-99:input",),
    ),
    Bad(
        "region without prices",
        {"region": "eu-north-1"},
        ("eu-north-1", "m5.large", "db.r5.large", "cache.t4g.medium", "nat-gateway", "us-east-1"),
    ),
)
CONTENTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not empty"),
    "a list": (b"- a\n", "not a list"),
    "a text": (b"hello", "not a text"),
    "no YAML": (b"config: {a: [", "is no YAML"),
    "no text": (b"\xff\xfe\x00config", "no text in UTF-8"),
    "no config": (b"name: letta\n", "`config` must be a mapping"),
    "config that is a list": (b"config: [1]\n", "`config` must be a mapping"),
    "what contains itself": (
        b"config: &a {letta:api: *a}\n",
        "the value *a contains itself, line 1",
    ),
    "deep nesting": (b"config: " + b"[" * 3000, "nested deeper than 50 levels"),
    "aliases without end": (
        b"a0: &a0 [x, x]\n"
        + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (i, i, i - 1, i - 1) for i in range(1, 60)),
        "more than 50000 values",
    ),
    "a key twice": (
        b"config:\n  letta:budget: 100\n  letta:budget: 9000\n",
        "the key 'letta:budget' stands twice, first in line 2, line 3",
    ),
    "a key twice deep inside": (
        b"config: {letta:api: {replicas: 2, replicas: 3}}",
        "the key 'replicas' stands twice",
    ),
    "a number without end": (b"config: " + b"9" * 5000, "is no whole number"),
    "a tag that lies": (b"config: {letta:budget: !!bool maybe}", "is not true or false"),
    "a tag of a program": (b"config: !!python/name:os.system", "python/name:os.system"),
    "none of our keys": (b"config: {aws:region: us-east-1}\n", "letta:tier: required"),
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """A command line that means nothing, and what is said to it."""

    words: str
    said: str
    status: int = 1


TOGETHER = (
    Words(words="--stack nosuch", said="there is no stack 'nosuch'"),
    Words(words="--stack=", said="--stack is empty; the stacks are: large, medium, small"),
    Words(words="--stack= --file a.yaml", said="--stack is empty"),
    Words(words="--cloud nimbus", said="there is no cloud 'nimbus'; the clouds are: aws"),
    Words(words="--book nosuch", said="no price book is called 'nosuch'; there are source-2025"),
    Words(words="--book ../list", said="no price book is called '../list'"),
    Words(words="--book source-2025", said="prices are missing, so there is no bill:"),
    Words(words="--compare nosuch", said="there is no such stack and no such book"),
    Words(words="--compare medium", said="that is the stack itself"),
    Words(words="--compare list", said="the bill is by that book already"),
    Words(words="--compare nosuch.yaml", said="--compare nosuch.yaml: nosuch.yaml: cannot be read"),
    Words(words="--compare source-2025", said="prices are missing, so there is no bill:"),
    Words(words="--file nosuch.yaml", said="nosuch.yaml: cannot be read: No such file"),
    Words(words="--file .", said="cannot be read: Is a directory"),
    Words(words="--reference medium --stack small", said="leave --stack out"),
    Words(words="--reference medium --file a.yaml", said="leave --file out"),
    Words(words="--reference medium --check", said="--check needs a stack"),
    Words(words="--reference medium --savings", said="--savings needs a stack"),
    Words(words="--reference medium --book list --compare list", said="by that book already"),
    Words(words="--reference medium --compare nosuch", said="the stacks are large, medium, small"),
    Words(words="--html .", said="cannot be written: Is a directory"),
    Words(words="--html nosuch/page.html", said="cannot be written: No such file or directory"),
    Words(words="--reference huge", said="invalid choice: 'huge'", status=2),
    Words(words="--json --markdown", said="not allowed with argument", status=2),
    Words(words="--html page.html --json", said="not allowed with argument", status=2),
    Words(words="--html", said="expected one argument", status=2),
    Words(words="--sting", said="unrecognized arguments: --sting", status=2),
)


def stack_file(folder: Path, change: dict[str, Any]) -> Path:
    """A good stack file with a change in it; a value of None is taken out."""
    values = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    file = folder / "Pulumi.changed.yaml"
    file.write_text(yaml.safe_dump({"config": {f"letta:{key}": v for key, v in values.items()}}))
    return file


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command says that is refused: one message on stderr, and nothing else."""
    assert main(["cost", *words]) == 1
    heard = capsys.readouterr()
    assert heard.out == ""
    assert heard.err.startswith("error: ")
    assert heard.err.count("error: ") == 1
    return heard.err


@pytest.mark.parametrize("bad", VALUES, ids=lambda bad: bad.name)
def test_a_value_that_cannot_be_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: Bad
) -> None:
    said = refused(capsys, "--file", str(stack_file(tmp_path, bad.change)))
    for words in bad.words:
        assert words in said


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_what_no_deployment_takes_has_no_bill_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: Bad
) -> None:
    said = refused(capsys, "--file", str(stack_file(tmp_path, bad.change)))
    for words in bad.words:
        assert words in said


@pytest.mark.parametrize("bad", UNPRICED, ids=lambda bad: bad.name)
def test_every_price_that_is_missing_is_named_at_once_and_none_counts_as_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: Bad
) -> None:
    said = refused(capsys, "--file", str(stack_file(tmp_path, bad.change)), "--json")
    assert "missing, so there is no bill:" in said
    for words in bad.words:
        assert words in said


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_no_stack_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    content, words = CONTENTS[name]
    file = tmp_path / "stack.yaml"
    file.write_bytes(content)
    said = refused(capsys, "--file", str(file))
    assert words in said
    if not words.startswith("letta:"):
        assert str(file) in said


@pytest.mark.parametrize("wrong", TOGETHER, ids=lambda wrong: wrong.words)
def test_words_that_mean_nothing_together_are_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrong: Words,
) -> None:
    monkeypatch.chdir(tmp_path)
    if wrong.status == 1:
        said = refused(capsys, *wrong.words.split())
    else:
        with pytest.raises(SystemExit) as ended:
            main(["cost", *wrong.words.split()])
        assert ended.value.code == wrong.status
        heard = capsys.readouterr()
        assert heard.out == ""
        said = heard.err
    assert wrong.said in said
    assert list(tmp_path.iterdir()) == []


def test_the_other_stack_of_a_comparison_is_named_when_it_is_the_bad_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = stack_file(tmp_path, {"tier": "medum"})
    said = refused(capsys, "--compare", str(file))
    assert said.startswith(f"error: --compare {file}: ")
    assert "did you mean medium?" in said


@pytest.mark.parametrize(
    ("key", "written", "told"),
    [
        ("budget", "1:30", "letta:budget: '1:30' is not an amount"),
        ("database", "{high_availability: yes}", "letta:database.high_availability: 'yes'"),
    ],
)
def test_what_only_an_older_yaml_takes_for_a_value_is_refused_as_by_the_engine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, written: str, told: str
) -> None:
    file = stack_file(tmp_path, {key: None})
    file.write_text(f"{file.read_text()}  letta:{key}: {written}\n")
    assert told in refused(capsys, "--file", str(file))


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]])
def test_a_check_fails_exactly_where_the_ceiling_is_over_the_budget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: list[str]
) -> None:
    assert main(["cost", "--file", str(stack_file(tmp_path, {})), "--json"]) == 0
    ceiling = json.loads(capsys.readouterr().out)["monthly"]["ceiling"]
    fits = stack_file(tmp_path, {"budget": f"{ceiling:.2f}"})
    assert main(["cost", "--check", "--file", str(fits), *form]) == 0
    assert capsys.readouterr().err == ""
    bursts = stack_file(tmp_path, {"budget": f"{ceiling - 0.01:.2f}"})
    assert main(["cost", "--file", str(bursts), *form]) == 0
    without_check = capsys.readouterr()
    assert without_check.err == ""
    assert main(["cost", "--check", "--file", str(bursts), *form]) == 1
    heard = capsys.readouterr()
    assert heard.out == without_check.out
    assert heard.err.startswith(f"error: changed may cost {ceiling:,.2f} USD a month")
    assert "0.01 more than the budget" in heard.err


def test_a_check_of_a_budget_that_is_waived_passes_with_a_word_until_the_waiver_expires(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waiver = {
        "rule": BUDGET_RULE,
        "resource": "letta-changed",
        "reason": "launch",
        "owner": "platform",
    }
    for expires, status in (("2999-12-31", 0), ("2020-01-01", 1)):
        change = {"budget": "1", "waivers": [{**waiver, "expires": expires}]}
        assert main(["cost", "--check", "--file", str(stack_file(tmp_path, change))]) == status
        assert ("that is waived" in capsys.readouterr().err) == (status == 0)
    assert BUDGET_RULE in {rule.name for rule in RULES}


def test_a_check_counts_what_nobody_can_check_as_the_policy_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bill, "strong_monthly_usd", Span.fixed(Decimal(1)))
    file = stack_file(tmp_path, {"budget": "1"})
    assert main(["cost", "--check", "--file", str(file)]) == 0
    assert "by prices that nobody can check" in capsys.readouterr().err


def test_a_check_without_a_budget_cannot_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = stack_file(tmp_path, {"budget": None})
    assert main(["cost", "--check", "--file", str(file)]) == 1
    assert "no letta:budget to hold the bill to" in capsys.readouterr().err


ESCAPES = "\x1b[31m\x07\x9b\u202e"


@pytest.mark.parametrize(
    "words",
    [
        ["--compare", f"no{ESCAPES}"],
        ["--file", f"no{ESCAPES}.yaml"],
        ["--file", f"no{ESCAPES}.yaml", "--json"],
        ["--reference", f"no{ESCAPES}"],
        [f"--no{ESCAPES}"],
    ],
)
def test_no_message_repeats_what_would_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    try:
        assert main(["cost", *words]) == 1
    except SystemExit as ended:
        assert ended.code == 2
    said = capsys.readouterr().err
    assert "no" in said
    assert not set(said) & {"\x1b", "\x07", "\x9b", "\u202e"}


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]])
def test_no_title_repeats_what_would_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: list[str]
) -> None:
    file = tmp_path / f"Pulumi.a{ESCAPES}\nzz.yaml"
    stack_file(tmp_path, {}).rename(file)
    other = stack_file(tmp_path, {})
    for words in (
        ["--file", str(file), "--compare", str(other)],
        ["--file", str(other), "--compare", str(file)],
        ["--file", str(other), "--stack", f"a{ESCAPES}\nzz"],
    ):
        assert main(["cost", *words, *form]) == 0
        shown = capsys.readouterr().out
        assert "a?" in shown
        assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}
        assert "\nzz" not in shown


def test_a_secret_in_a_bad_file_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = {"openai": {"api_key": "sk-very-secret"}}
    said = refused(capsys, "--file", str(stack_file(tmp_path, {"llm": {"providers": keys}})))
    assert "sk-very-secret" not in said
