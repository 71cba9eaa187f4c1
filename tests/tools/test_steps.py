from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra import platforms
from tools.setup import browser, engine, environment, live, steps

OTHER = platforms.CLOUDS[1]
"""A cloud whose stacks are not in the root."""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What set-up does, in order; nothing of it is really done."""
    done: list[str] = []

    def ensure(lock: str) -> Path:
        done.append(lock)
        return Path("bin")

    monkeypatch.setattr(engine, "ensure", lambda: done.append("engine"))
    monkeypatch.setattr(environment, "ensure", ensure)
    monkeypatch.setattr(browser, "ensure", lambda: done.append("browser"))
    monkeypatch.setattr(live, "ensure", lambda: done.append("live"))
    monkeypatch.setattr(os, "execve", lambda program, words, _: done.append(" ".join(words)))
    return done


@pytest.mark.parametrize(
    ("words", "steps_done"),
    [
        ("letta-cloud up --stack small", ["engine", "aws", "letta-cloud up --stack small"]),
        ("letta-cloud cost --stack small", ["aws", "letta-cloud cost --stack small"]),
        (
            "letta-cloud up --stack small --cloud kubernetes",
            ["engine", "kubernetes", "letta-cloud up --stack small --cloud kubernetes"],
        ),
        (
            f"letta-cloud preview --stack medium-{OTHER}",
            ["engine", OTHER, f"letta-cloud preview --stack medium-{OTHER}"],
        ),
        (f"letta-cloud cost --cloud {OTHER}", [OTHER, f"letta-cloud cost --cloud {OTHER}"]),
        (f"--cloud={OTHER}", ["engine", OTHER]),
        ("--development", ["engine", "development", "browser"]),
        ("--development --live", ["engine", "development", "browser", "live"]),
        (
            "--live letta-cloud up --stack small",
            ["engine", "aws", "live", "letta-cloud up --stack small"],
        ),
        ("", ["engine", "aws"]),
    ],
)
def test_a_command_is_made_ready_for_with_what_it_needs(
    done: list[str], words: str, steps_done: list[str]
) -> None:
    assert steps.run(words.split()) == 0
    assert done == steps_done


@pytest.mark.parametrize(
    ("word", "told"),
    [("--cloud=gpc", "there is no cloud 'gpc'"), ("--develpment", "set-up knows no --develpment")],
)
def test_a_word_that_set_up_does_not_know_is_told(
    done: list[str], capsys: pytest.CaptureFixture[str], word: str, told: str
) -> None:
    assert steps.run([word]) == 1
    assert done == []
    assert capsys.readouterr().err.startswith(f"error: {told}")


@pytest.mark.parametrize("words", ["up --stack nosuch", "cost --reference small --stack small"])
def test_a_mistake_is_told_before_anything_is_built(
    done: list[str], capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert steps.run(["letta-cloud", *words.split()]) == 1
    assert done == []
    assert capsys.readouterr().err.startswith("error: ")
