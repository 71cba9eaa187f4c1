"""The live sandbox as the command line sees it, with a stand-in for what it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import live_process
from cli.live_process import Live
from cli.state import State
from tools.setup import live
from tools.setup.common import UserError

STAND_IN = """#!{python}
import json, os, signal, sys, time
from pathlib import Path

words = sys.argv[3:]
options = dict(zip(words[::2], words[1::2]))
status = Path(options["--status"])
told = {{"pid": os.getpid(), "state": "starting", "updates": 0, "error": None}}

def tell(**fields):
    told.update(fields)
    new = status.with_suffix(".new")
    new.write_text(json.dumps(told))
    new.replace(status)

def follow(*_):
    failed = Path({folder!r}, "fails").exists()
    print("error: no" if failed else "followed", file=sys.stderr, flush=True)
    tell(updates=told["updates"] + 1, error="no such image" if failed else None)

def run(*_):
    with Path({folder!r}, "runs").open("a") as runs:
        runs.write("begun ")
    time.sleep(0.5)
    tell(updates=told["updates"] + 1, error=None)
    with Path({folder!r}, "runs").open("a") as runs:
        runs.write("done ")

def end(*_):
    Path({folder!r}, "told to end").touch()
    os._exit(0)

Path(options["--home"]).mkdir()
Path(options["--stores"]).mkdir()
os.chdir(options["--home"])
signal.signal(signal.SIGHUP, follow)
signal.signal(signal.SIGUSR1, run)
signal.signal(signal.SIGTERM, end)
tell()
print("it comes up", file=sys.stderr, flush=True)
if Path({folder!r}, "fails").exists():
    sys.exit("error: PostgreSQL did not start")
while Path({folder!r}, "slow").exists():
    time.sleep(0.05)
tell(state="up")
os.write(int(options["--ready-fd"]), b"up\\n")
while True:
    signal.pause()
"""


@pytest.fixture
def own(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """A live sandbox whose program is a stand-in, ended in the end."""
    program = tmp_path / "stand-in"
    program.write_text(STAND_IN.format(python=sys.executable, folder=str(tmp_path)))
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(live, "is_made", lambda _: True)
    sandbox = Live(state=state, stack="medium")
    yield sandbox
    sandbox.stop()


def stores(sandbox: Live) -> list[Path]:
    """What there is of PostgreSQL's."""
    return list(live_process.STORES.glob(f"letta-cloud-{sandbox._digest}"))


def has_ended(pid: int) -> bool:
    """Whether it runs no more; who adopted it may not have taken note yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("stack", ["", ".", "..", "/abs", "a/../..", "a" * 101])
def test_a_name_that_is_a_path_names_no_file_of_the_state(state: State, stack: str) -> None:
    with pytest.raises(UserError, match="is no name of a stack"):
        Live(state=state, stack=stack).stop()
    with pytest.raises(UserError, match="is no name of a stack"):
        state.checkpoint("letta", stack)


def test_one_that_started_is_found_again_and_says_what_it_is_at(
    own: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    own.start()
    again = Live(state=own.state, stack="medium")
    assert again.runs
    assert again.status["state"] == "up"
    assert [each.stack for each in live_process.all_of(own.state)] == ["medium"]
    assert "  it comes up\n" in capsys.readouterr().err


def test_one_that_ended_leaves_no_process_and_no_file(own: Live) -> None:
    own.start()
    pid = own.status["pid"]
    assert stores(own)
    assert own.stop() is True
    assert has_ended(pid)
    assert not own.folder.exists()
    assert stores(own) == []
    assert own.status == {}
    assert own.stop() is False


def test_what_a_killed_one_left_running_ends_with_it(own: Live) -> None:
    own.start()
    child = subprocess.Popen(["sleep", "600"], cwd=own.folder / "home")
    os.kill(own.status["pid"], signal.SIGKILL)
    assert own._background.ends(live_process.STOP_SECONDS)
    assert own.status == {}
    assert own.left == [child.pid]
    assert own.stop() is True
    assert has_ended(child.pid)
    child.wait()
    assert not own.folder.exists()


def test_one_that_does_not_start_leaves_its_log_alone(own: Live, tmp_path: Path) -> None:
    (tmp_path / "fails").touch()
    with pytest.raises(UserError, match="The stack stays deployed; nothing of it runs") as refused:
        own.start()
    assert str(own.log) in str(refused.value)
    assert own.log.read_text().endswith("PostgreSQL did not start\n")
    assert not own.runs
    assert not (own.folder / "home").exists()
    assert stores(own) == []


def test_a_start_that_is_interrupted_leaves_nothing(
    own: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow").touch()

    def interrupt(tail: live_process.Tail) -> None:
        if "it comes up" in own.log.read_text():
            raise KeyboardInterrupt

    monkeypatch.setattr(live_process.Tail, "tell", interrupt)
    with pytest.raises(KeyboardInterrupt):
        own.start()
    assert (tmp_path / "told to end").exists()
    assert not own.runs
    assert not own.folder.exists()
    assert stores(own) == []


def test_one_that_runs_follows_the_stack_when_it_is_told_to(
    own: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    own.start()
    pid = own.status["pid"]
    own.update()
    assert (own.status["pid"], own.status["updates"]) == (pid, 1)
    assert capsys.readouterr().err.endswith("  followed\n")


def test_an_update_that_fails_is_told_and_what_ran_goes_on(own: Live, tmp_path: Path) -> None:
    own.start()
    (tmp_path / "fails").touch()
    with pytest.raises(UserError, match="serves what it did before: no such image"):
        own.update()
    assert own.runs


def test_one_that_does_not_run_is_asked_for_nothing(own: Live) -> None:
    with pytest.raises(UserError, match="the live sandbox of medium does not run"):
        own.update()


def test_one_that_ends_while_it_follows_is_told(own: Live) -> None:
    own.start()
    pid = own.status["pid"]
    os.kill(pid, signal.SIGSTOP)
    ending = threading.Timer(0.1, os.kill, [pid, signal.SIGKILL])
    ending.start()
    with pytest.raises(UserError, match="the live sandbox of medium ended"):
        own.update()
    ending.join()


def test_two_who_ask_for_the_scheduled_run_get_one_each(own: Live, tmp_path: Path) -> None:
    own.start()
    asking = [threading.Thread(target=own.run_schedules) for _ in range(2)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert own.status["updates"] == 2
    assert (tmp_path / "runs").read_text() == "begun done begun done "


def test_one_that_went_just_before_it_was_asked_is_told(
    own: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.start()
    gone = subprocess.Popen(["true"])
    gone.wait()
    with monkeypatch.context() as changed:
        changed.setattr(Live, "status", {**own.status, "pid": gone.pid})
        with pytest.raises(UserError, match="the live sandbox of medium has just ended"):
            own.run_schedules()


def test_one_that_went_just_before_it_is_ended_is_ended(
    own: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.start()
    pid = own._pid()

    def goes() -> int | None:
        os.kill(pid or 0, signal.SIGKILL)
        assert own._background.ends(live_process.STOP_SECONDS)
        while Path(f"/proc/{pid}").exists():
            threading.Event().wait(0.02)
        return pid

    monkeypatch.setattr(own.__class__, "_pid", lambda _: goes())
    assert own.stop() is True
    assert not own.folder.exists()


def test_its_folder_may_go_while_it_is_ended(own: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    own.folder.mkdir(parents=True)
    monkeypatch.setattr(Live, "_clear", lambda _: own.folder.rmdir())
    assert own.stop() is True


def test_each_stack_has_addresses_of_its_own(own: Live) -> None:
    other = Live(state=own.state, stack="large")
    assert own.network == Live(state=own.state, stack="medium").network
    assert own.network != other.network
    numbers = [int(number) for number in own.network.split(".")]
    assert numbers[0] == 127
    assert 80 <= numbers[1] < 120
    assert 0 <= numbers[2] < 256


def test_where_nothing_is_installed_it_says_what_installs_it(
    own: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "is_made", lambda _: False)
    with pytest.raises(UserError, match="`make up STACK=medium LIVE=1` does it"):
        own.require()


def test_elsewhere_than_on_linux_it_says_so(own: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(UserError, match="the live sandbox needs Linux"):
        own.require()
