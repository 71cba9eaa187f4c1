from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from cli import arguments
from infra import platforms
from sandbox.packages import NAMES
from tests.cli.conftest import Home
from tools.setup.common import ROOT, UserError

OTHER = platforms.CLOUDS[1]
"""A cloud whose stacks are not in the root."""


def committed_stack_files() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in ROOT.glob("Pulumi.*.yaml")}


def test_env_prints_exports_and_nothing_else(home: Home) -> None:
    done = home.letta_cloud("env")
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("export ") for line in done.stdout.splitlines())


def test_what_env_prints_means_the_same_to_a_shell(home: Home) -> None:
    printed = home.letta_cloud("env", "--stack", "small").stdout
    script = f"{printed}\nenv -0"
    told = subprocess.run(["/bin/sh", "-c", script], env={}, capture_output=True, text=True)
    seen = dict(entry.split("=", 1) for entry in told.stdout.split("\0") if entry)
    state = home.state
    assert seen["PULUMI_BACKEND_URL"] == state.backend.as_uri()
    assert seen["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(state.passphrase_file)
    assert seen["PULUMI_STACK"] == "small"
    assert seen["XDG_STATE_HOME"] == home.environment["XDG_STATE_HOME"]
    assert seen["PATH"].startswith(f"{state.programs}:{ROOT / '.venv' / 'bin'}:")


def test_env_twice_is_the_same_and_path_does_not_grow(home: Home) -> None:
    first = home.letta_cloud("env").stdout
    path = next(line for line in first.splitlines() if line.startswith("export PATH="))
    shell = subprocess.run(
        ["/bin/sh", "-c", f'{path}\nprintf %s "$PATH"'], capture_output=True, text=True
    )
    assert home.letta_cloud("env", PATH=shell.stdout).stdout == first


def test_the_passphrase_is_random_in_a_private_file_and_in_no_environment(home: Home) -> None:
    home.letta_cloud("preview", PULUMI_CONFIG_PASSPHRASE="theirs")
    secret = home.state.passphrase_file.read_text()
    assert len(secret) >= 32
    assert home.state.passphrase_file.stat().st_mode & 0o777 == 0o600
    assert home.state.directory.stat().st_mode & 0o777 == 0o700
    seen = home.pulumi_environment()
    assert secret not in seen.values()
    assert "PULUMI_CONFIG_PASSPHRASE" not in seen


@pytest.mark.parametrize(
    ("command", "asked"),
    [("up", "up --yes --stack small"), ("preview", "preview --stack small")],
)
def test_up_and_preview_run_the_engine_on_the_stack_with_the_policy_pack(
    home: Home, command: str, asked: str
) -> None:
    done = home.letta_cloud(command, "--stack", "small")
    assert done.returncode == 0, done.stderr
    assert home.pulumi_calls() == [asked]
    seen = home.pulumi_environment()
    assert seen["PULUMI_OPTION_POLICY_PACK"] == str(ROOT / "policies")
    assert seen["PULUMI_OPTION_CONFIG_FILE"].endswith("/Pulumi.small.yaml")


def test_up_starts_nothing_on_this_machine_unless_it_is_asked_to(home: Home) -> None:
    assert home.letta_cloud("up", "--stack", "small").returncode == 0
    assert not home.state.live.exists()
    told = json.loads(home.letta_cloud("sandbox", "status", "--json").stdout)
    assert told["live"] == {}


def test_live_is_refused_before_the_engine_works_where_nothing_is_installed(home: Home) -> None:
    done = home.letta_cloud("up", "--stack", "small", "--live")
    assert done.returncode == 1
    assert done.stderr == (
        "error: what the live sandbox runs is not installed yet; "
        "`make up STACK=small LIVE=1` does it\n"
    )
    assert home.pulumi_calls() == []


@pytest.mark.parametrize(
    ("command", "way_out"),
    [
        (("up", "--live", "--stack", f"small-{OTHER}"), "deploy it without --live"),
        (("up", "--live", "--stack", "small", "--cloud", OTHER), "deploy it without --live"),
        (("restore-drill", "--stack", f"small-{OTHER}"), "give --dump FILE"),
    ],
)
def test_what_the_live_sandbox_cannot_run_is_refused_with_the_way_out(
    command: tuple[str, ...], way_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments.parse(command)
    monkeypatch.setattr(arguments, "LIVE", ("aws",))
    words = f"the live sandbox runs stacks of aws, and small-{OTHER} is one of {OTHER}; "
    with pytest.raises(UserError, match=re.escape(words + way_out)):
        arguments.parse(command)


@pytest.mark.parametrize("command", ["up", "preview", "destroy", "env", "cost"])
def test_help_lists_the_clouds(home: Home, command: str) -> None:
    words = " ".join(home.letta_cloud(command, "--help").stdout.split())
    assert f"{', '.join(platforms.CLOUDS)}; default: {platforms.DEFAULT}" in words


@pytest.mark.parametrize("command", [("destroy",), ("sandbox", "stop")])
def test_what_a_live_sandbox_left_goes_with_the_stack_and_with_the_sandbox(
    home: Home, command: tuple[str, ...]
) -> None:
    home.letta_cloud("up")
    left = home.state.live / "medium" / "home"
    left.mkdir(parents=True)
    process = subprocess.Popen(["sleep", "600"], cwd=left)
    told = json.loads(home.letta_cloud("sandbox", "status", "--json").stdout)
    assert told["killed"] == {"medium": [process.pid]}
    assert (
        "The live sandbox of medium was killed; 1 processes of it are left: "
        "`letta-cloud destroy --stack medium` or `up --live` ends them.\n"
    ) in home.letta_cloud("sandbox", "status").stdout
    done = home.letta_cloud(*command)
    assert "The live sandbox of medium is ended." in done.stderr
    assert process.wait(60) != 0
    assert not left.parent.exists()


@pytest.mark.parametrize("command", ["up", "preview"])
def test_the_exit_status_is_the_engine_s(home: Home, command: str) -> None:
    assert home.letta_cloud(command, FAKE_PULUMI_STATUS="3").returncode == 3


def test_the_committed_stack_files_stay_as_they_are(home: Home) -> None:
    before = committed_stack_files()
    for command in ("env", "up", "preview", "destroy"):
        home.letta_cloud(command)
    assert committed_stack_files() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["up", "--stack", "nosuch"], "there is no stack 'nosuch'"),
        (["destroy", "--stack", "nosuch"], "there is no stack 'nosuch'"),
        (
            ["up", "--stack", "nosuch", "--cloud", OTHER],
            f"there is no stack 'nosuch-{OTHER}' (no file Pulumi.nosuch-{OTHER}.yaml or "
            f"stacks/{OTHER}/Pulumi.nosuch.yaml)",
        ),
        (["env", "--cloud", "nimbus"], "there is no cloud 'nimbus'; the clouds are: aws"),
    ],
)
def test_a_user_s_mistake_is_one_message_without_a_traceback(
    home: Home, words: list[str], message: str
) -> None:
    done = home.letta_cloud(*words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {message}")
    assert "Traceback" not in done.stderr
    assert home.pulumi_calls() == []


@pytest.mark.parametrize("stack", ["", ".", "..", "{victim}", "a/../..", "{relative}"])
def test_a_path_is_no_stack_to_any_command_and_nothing_is_deleted(home: Home, stack: str) -> None:
    home.letta_cloud("env")
    victim = home.directory / "victim"
    (victim / "home").mkdir(parents=True)
    other = home.state.live / "medium"
    other.mkdir(parents=True)
    before = sorted(home.directory.rglob("*"))
    relative = os.path.relpath(victim, home.state.live)
    for words in (["destroy"], ["up"], ["env"], ["restore-drill"], ["sandbox", "unprotect"]):
        done = home.letta_cloud(*words, "--stack", stack.format(victim=victim, relative=relative))
        assert done.returncode == 1, words
        assert " is no name of a stack: " in done.stderr
        assert "Traceback" not in done.stderr
    assert sorted(home.directory.rglob("*")) == before


def test_destroy_ends_nothing_of_an_unknown_stack(home: Home) -> None:
    home.letta_cloud("env")
    left = home.state.live / "nosuch"
    left.mkdir(parents=True)
    assert "there is no stack 'nosuch'" in home.letta_cloud("destroy", "--stack", "nosuch").stderr
    assert left.exists()


def test_destroy_of_what_is_not_deployed_says_so_and_is_no_error(home: Home) -> None:
    done = home.letta_cloud("destroy", "--stack", "small")
    assert done.returncode == 0
    assert "small is not deployed" in done.stderr
    assert home.pulumi_calls() == []


def test_without_an_engine_the_command_says_how_to_get_one(home: Home) -> None:
    (home.directory / "bin" / "pulumi").unlink()
    done = home.letta_cloud("up")
    assert done.returncode == 1
    assert done.stderr == "error: the Pulumi engine is not set up yet; `make setup` builds it\n"


def test_status_of_a_sandbox_that_never_ran_is_an_empty_cloud(home: Home) -> None:
    status = json.loads(home.letta_cloud("sandbox", "status", "--json").stdout)
    assert status["objects"] == 0
    assert status["running"] is False


def test_status_tells_whether_the_sandbox_runs(home: Home) -> None:
    home.letta_cloud("sandbox", "start")
    assert json.loads(home.letta_cloud("sandbox", "status", "--json").stdout)["running"] is True
    home.letta_cloud("sandbox", "stop")
    assert json.loads(home.letta_cloud("sandbox", "status", "--json").stdout)["running"] is False


def test_the_shim_that_env_writes_starts_a_dead_sandbox_again_and_becomes_the_engine(
    home: Home,
) -> None:
    home.letta_cloud("env")
    home.letta_cloud("sandbox", "stop")
    done = subprocess.run(
        [home.state.programs / "pulumi", "preview", "--stack", "small", "--color", "a b"],
        cwd=ROOT,
        env=home.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert home.pulumi_calls() == ["preview --stack small --color a b"]
    status = json.loads(home.letta_cloud("sandbox", "status", "--json").stdout)
    providers = home.pulumi_environment()["PULUMI_DEBUG_PROVIDERS"]
    assert providers == ",".join(f"{name}:{status['port']}" for name in NAMES)


@pytest.mark.parametrize("command", ["up", "preview"])
def test_a_tier_on_another_cloud_is_a_stack_of_its_own(home: Home, command: str) -> None:
    done = home.letta_cloud(command, "--stack", "medium", "--cloud", "kubernetes")
    assert done.returncode == 0, done.stderr
    (called,) = home.pulumi_calls()
    assert called.startswith(command)
    assert called.endswith("--stack medium-kubernetes")
    environment = home.pulumi_environment()
    assert environment["PULUMI_STACK"] == "medium-kubernetes"
    given = Path(environment["PULUMI_OPTION_CONFIG_FILE"]).read_text()
    assert "letta:cloud: kubernetes" in given
    assert "letta:tier: medium" in given
