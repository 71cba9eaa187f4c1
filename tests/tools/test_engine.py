from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from tests.tools.conftest import Machine
from tools.setup import engine
from tools.setup.common import ROOT, UserError

BUILD = ("-c", "from tools.setup import engine; print(engine.ensure())")
SET_UP = ("-m", "tools.setup")


def newer(*, by: int) -> str:
    """The version of the locked SDK with its minor number raised."""
    major, minor, patch = engine.sdk_version()
    return f"v{major}.{minor + by}.{patch}"


def test_the_module_file_names_the_sdk_that_python_has_locked() -> None:
    modules = (ROOT / "tools" / "engine" / "go.mod").read_text()
    versions = re.findall(r"github\.com/pulumi/pulumi/(?:pkg|sdk)/v3 v(\S+)", modules)
    assert versions == [engine.dotted(engine.sdk_version())] * 2


def test_pulumi_yaml_asks_for_the_range_that_set_up_accepts() -> None:
    oldest, limit = engine.dotted(engine.sdk_version()), engine.dotted(engine.NEXT_MAJOR)
    assert f'requiredPulumiVersion: ">={oldest} <{limit}"' in (ROOT / "Pulumi.yaml").read_text()


@pytest.mark.parametrize("by", [0, 1, 70])
def test_a_release_as_new_as_the_sdk_is_used(here: Machine, by: int) -> None:
    here.has_pulumi(newer(by=by))
    assert engine.find() == here.programs


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (newer(by=-1), "at least"),
        ("v4.0.0", "below v4"),
        ("v5.1.0", "below v4"),
        ("no version at all", "when asked for its version"),
    ],
)
def test_a_release_that_does_not_fit_is_not_used_and_the_message_says_why(
    here: Machine, answer: str, reason: str
) -> None:
    program = here.has_pulumi(answer)
    assert engine.find() is None
    with pytest.raises(UserError) as refused:
        engine.ensure()
    assert str(program) in str(refused.value)
    assert reason in str(refused.value)


def test_a_release_without_its_python_host_is_not_used(here: Machine) -> None:
    here.has_pulumi(newer(by=0), host=False)
    assert engine.find() is None


def test_the_project_s_own_pulumi_on_path_is_not_taken_for_a_release(
    here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = here.home / "state" / "letta-cloud" / "0123" / "bin"
    own.mkdir(parents=True)
    here.has_pulumi(newer(by=0))
    for name in ("pulumi", "pulumi-language-python"):
        (here.programs / name).rename(own / name)
    monkeypatch.setenv("PATH", str(own))
    assert engine.find() is None


def test_without_pulumi_and_go_there_is_one_message_that_says_what_to_install(
    machine: Machine,
) -> None:
    done = machine.run(*SET_UP)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("error:") == 1
    assert "neither an official pulumi" in done.stderr
    assert "https://go.dev/doc/install" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_build_leaves_the_whole_engine_under_a_name_of_its_version(machine: Machine) -> None:
    machine.has_go()
    done = machine.run(*BUILD)
    assert done.returncode == 0, done.stderr
    product = Path(done.stdout.strip())
    assert product.name.startswith(engine.dotted(engine.sdk_version()))
    assert {file.name for file in product.iterdir()} == {
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
    }
    assert os.access(product / "pulumi-language-python-exec", os.X_OK)
    assert [entry.name for entry in machine.engines.glob(".*")] == []


def test_progress_counts_the_packages_against_their_number(here: Machine) -> None:
    here.has_go()
    done = here.run(*BUILD)
    assert "1 of 3 packages compiled" in done.stderr
    assert "2 of 3 packages compiled" in done.stderr


def test_a_second_run_builds_nothing(machine: Machine) -> None:
    machine.has_go()
    first = machine.run(*BUILD)
    asked = machine.go_commands()
    second = machine.run(*BUILD)
    assert second.stdout == first.stdout
    assert machine.go_commands() == asked
    assert second.stderr == ""


def test_a_change_of_the_host_s_source_is_built_under_another_name(
    here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.has_go()
    before = engine.ensure()
    changed = here.home / "engine"
    changed.mkdir()
    for name in ("go.mod", "go.sum", "main.go"):
        (changed / name).write_bytes((engine.SOURCE / name).read_bytes())
    (changed / "main.go").write_text("package main // changed\n")
    monkeypatch.setattr(engine, "SOURCE", changed)
    assert engine.find() is None
    assert engine.ensure() != before


def test_a_failed_build_tells_what_go_said_and_leaves_nothing(machine: Machine) -> None:
    machine.has_go(FAKE_GO_FAIL="1")
    done = machine.run(*SET_UP)
    assert done.returncode == 1
    assert "main.go:1:1: no such thing" in done.stderr
    assert "Traceback" not in done.stderr
    assert [entry.name for entry in machine.engines.iterdir()] == ["build.lock"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_nothing_half_made(
    machine: Machine, stop: signal.Signals
) -> None:
    half, go_on = machine.home / "half", machine.home / "go-on"
    os.mkfifo(half)
    os.mkfifo(go_on)
    machine.has_go(FAKE_GO_HALF=str(half), FAKE_GO_GO_ON=str(go_on))
    with machine.start(*SET_UP) as process:
        assert half.read_text() == "half\n"
        process.send_signal(stop)
        _, stderr = process.communicate()
    assert process.returncode == 128 + stop
    assert "Traceback" not in stderr
    assert [entry.name for entry in machine.engines.iterdir()] == ["build.lock"]


def test_what_a_killed_build_left_is_cleared_by_the_next(machine: Machine) -> None:
    machine.has_go()
    leftover = machine.engines / ".building-killed" / "bin"
    leftover.mkdir(parents=True)
    (leftover / "pulumi").write_text("half")
    assert machine.run(*BUILD).returncode == 0
    assert [entry.name for entry in machine.engines.glob(".building*")] == []


def test_of_two_builds_at_once_the_second_waits_says_so_and_builds_nothing(
    machine: Machine,
) -> None:
    half, go_on = machine.home / "half", machine.home / "go-on"
    os.mkfifo(half)
    os.mkfifo(go_on)
    machine.has_go(FAKE_GO_HALF=str(half), FAKE_GO_GO_ON=str(go_on))
    with machine.start(*BUILD) as first:
        assert half.read_text() == "half\n"
        with machine.start(*BUILD) as second:
            assert second.stderr is not None
            assert "Another run is building the engine; waiting" in second.stderr.readline()
            go_on.write_text("on\n")
            second_path, _ = second.communicate()
        first_path, _ = first.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert first_path == second_path
    assert machine.go_commands().count("build") == 1
