"""What is left of a drill that was cut short, with stand-ins for PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest

from cli import drill_servers, restore_drill
from cli.__main__ import main
from cli.drill import DrillError, Server, _database
from sandbox.live import postgres
from sandbox.live.spec import LiveError


@dataclass
class StandIn:
    """Starts a process in the folder that it is given, as a database is."""

    package: Path
    home: Path
    version: str = "16.11"
    programs: Path = Path("/nonexistent")
    children: ClassVar[list[subprocess.Popen[bytes]]] = []
    start_ends: ClassVar[BaseException | None] = None

    def prepare(self) -> None:
        (self.home / "data").mkdir()

    def start(self, *_: object) -> None:
        self.children.append(subprocess.Popen(["sleep", "600"], cwd=self.home / "data"))
        if self.start_ends:
            raise self.start_ends

    def stop(self, _: object) -> None:
        raise LiveError("it does not end")

    def folder(self, _: object) -> Path:
        return self.home


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    monkeypatch.setattr(drill_servers, "HOMES", tmp_path)
    monkeypatch.setattr(postgres, "Postgres", StandIn)
    monkeypatch.setattr(StandIn, "children", [])
    return StandIn


def has_ended(stand_in: type[StandIn]) -> bool:
    [child] = stand_in.children
    return child.wait(60) is not None


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(143), None])
def test_nothing_of_the_throw_away_database_outlives_its_use(
    stand_in: type[StandIn], tmp_path: Path, end: BaseException | None
) -> None:
    with suppress(KeyboardInterrupt, SystemExit), drill_servers.throw_away():
        assert list(tmp_path.iterdir())
        if end:
            raise end
    assert list(tmp_path.iterdir()) == []
    assert has_ended(stand_in)


@pytest.mark.parametrize(
    ("end", "seen"), [(KeyboardInterrupt(), KeyboardInterrupt), (LiveError("no"), DrillError)]
)
def test_nothing_is_left_of_one_whose_start_was_cut_short(
    stand_in: type[StandIn],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: BaseException,
    seen: type[BaseException],
) -> None:
    monkeypatch.setattr(stand_in, "start_ends", end)
    with pytest.raises(seen), drill_servers.throw_away():
        pass
    assert list(tmp_path.iterdir()) == []
    assert has_ended(stand_in)


@pytest.fixture(params=[signal.SIGTERM, signal.SIGHUP])
def number(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that ends a program, also where these tests run under `nohup`."""
    of_caller = signal.signal(request.param, signal.SIG_DFL)
    yield request.param
    signal.signal(request.param, of_caller)


def test_a_drill_that_is_told_to_end_puts_its_things_away_first(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    put_away = []

    def told_to_end(_: Namespace) -> None:
        try:
            os.kill(os.getpid(), number)
            pytest.fail("it goes on")
        finally:
            # Another word does not cut this short.
            os.kill(os.getpid(), number)
            put_away.append(True)

    monkeypatch.setattr(restore_drill, "_report", told_to_end)
    with pytest.raises(SystemExit) as ended:
        main(["restore-drill"])
    assert ended.value.code == 128 + number
    assert put_away == [True]
    assert signal.getsignal(number) is signal.SIG_DFL


@dataclass(frozen=True, kw_only=True)
class Recorded(Server):
    """Records what it is asked, and may be interrupted."""

    answer: Callable[[str], None] = lambda _statement: None
    asked: list[str] = field(default_factory=list)

    def query(self, statement: str, database: str | None = None) -> str:
        self.asked.append(statement)
        self.answer(statement)
        return ""


def recorded(answer: Callable[[str], None] = lambda _statement: None) -> Recorded:
    return Recorded(programs=None, environment={}, answer=answer)


def test_the_database_is_dropped_though_a_program_is_still_connected() -> None:
    server = recorded()
    with pytest.raises(KeyboardInterrupt), _database(server):
        raise KeyboardInterrupt
    assert server.asked[-1].startswith("DROP DATABASE IF EXISTS letta_drill_")
    assert server.asked[-1].endswith(" WITH (FORCE)")


def _interrupted(statement: str) -> None:
    if statement.startswith("CREATE"):
        raise KeyboardInterrupt


def _refused(statement: str) -> None:
    if statement.startswith("DROP"):
        raise DrillError("psql: no")


def test_one_that_may_or_may_not_have_been_made_is_dropped() -> None:
    server = recorded(_interrupted)
    with pytest.raises(KeyboardInterrupt), _database(server):
        pass
    assert server.asked[-1].startswith("DROP DATABASE IF EXISTS")


def test_one_that_cannot_be_dropped_is_named() -> None:
    with (
        pytest.raises(DrillError, match=r"the database letta_drill_\w+, if it was made, is left"),
        _database(recorded(_refused)),
    ):
        pass
