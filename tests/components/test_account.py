"""Questions about the account."""

from __future__ import annotations

from components.account import once
from tests.components.aws.mock_cloud import run


def test_a_program_asks_each_question_once() -> None:
    asked: list[str] = []

    def ask(name: str) -> str:
        def question() -> str:
            asked.append(name)
            return f"answer to {name}"

        return once(name, question)

    def program() -> list[str]:
        return [ask(name) for name in ("a", "b", "a")]

    assert run(program).result == ["answer to a", "answer to b", "answer to a"]
    assert asked == ["a", "b"]


def test_another_program_asks_anew() -> None:
    answers = iter(["first", "second"])
    assert [run(lambda: once("zones", lambda: next(answers))).result for _ in range(2)] == [
        "first",
        "second",
    ]
