"""Shells with a sandbox of their own, and one whole life of each tier."""

from __future__ import annotations

import ipaddress
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra import checkout, platforms
from tests.conftest import CLOUD_OPTION, OTHERS
from tests.contract.commands import commands
from tests.engine.engine import ROOT, Result, Shell
from tests.engine.processes import Watch


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of one stack's life is for all stacks of the chosen clouds, as one of growth is for
    the clouds. With the clouds but the first comes its growth, which is too long for every day."""
    chosen = metafunc.config.getoption(CLOUD_OPTION)
    clouds = platforms.CLOUDS[1:] if chosen == OTHERS else (chosen,)
    if "stack" in metafunc.fixturenames:
        stacks = [stack for stack in checkout.names() if checkout.cloud_of(stack) in clouds]
        metafunc.parametrize("stack", stacks, indirect=True, scope="session")
    if "cloud" in metafunc.fixturenames:
        metafunc.parametrize("cloud", platforms.CLOUDS if chosen == OTHERS else clouds)


@dataclass(frozen=True)
class Life:
    """What was seen of a stack from its first `up` to its end."""

    stack: str
    up: Result
    again: Result
    """The preview after it, which must find nothing to do."""
    exported: dict[str, Any]
    """The state with secrets as the engine stores them."""
    secrets: set[str]
    """Every generated secret in clear, read with `--show-secrets`."""
    commands: tuple[str, ...]
    """What containers, jobs, tasks and scripts of the deployed objects are started with, secrets in
    clear."""
    processes: Watch
    """Every process of the run."""
    environment: str
    state_files: dict[str, str]
    """Files that the run left beside the repository, but for the cloud's own storage."""
    unprotected: Result
    """`pulumi destroy` while deletion protection is on."""
    destroyed: Result
    objects_left: int
    working_tree: str
    """`git status` of the repository after all of it."""


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> str:
    """Name of a stack of a chosen cloud."""
    return str(request.param)


@pytest.fixture(scope="session")
def life(stack: str, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """One life of a tier on a cloud on the real engine; the tests look at the record of it."""
    before = _git_status()
    state_home = tmp_path_factory.mktemp(f"life-{stack}")
    with Watch(mark=("XDG_STATE_HOME", str(state_home))) as processes:
        shell = Shell.open(stack, state_home)
        try:
            up = shell.pulumi("up", "--yes")
            again = shell.pulumi("preview", "--expect-no-changes")
            exported = json.loads(shell.pulumi("stack", "export").output)
            in_clear = json.loads(shell.pulumi("stack", "export", "--show-secrets").output)
            environment = shell.run("env").output
            state_files = _texts(state_home)
            unprotected = shell.pulumi("destroy", "--yes")
            destroyed = shell.letta_cloud("destroy", "--stack", stack)
            objects_left = shell.objects()
        finally:
            shell.close()
    after = _git_status()
    return Life(
        stack=stack,
        up=up,
        again=again,
        exported=exported,
        secrets={secret for secret in _secrets(in_clear) if not _is_address(secret)},
        commands=tuple(commands(in_clear)),
        processes=processes,
        environment=environment,
        state_files=state_files,
        unprotected=unprotected,
        destroyed=destroyed,
        objects_left=objects_left,
        working_tree="\n".join(sorted(set(after) - set(before))),
    )


@pytest.fixture(scope="session")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell on the medium stack, nothing deployed: for previews."""
    shell = Shell.open("medium", tmp_path_factory.mktemp("medium"))
    yield shell
    shell.close()


def _git_status() -> list[str]:
    return subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def _texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file() and "sandbox.sqlite" not in path.name and "passphrase" not in path.name
    }


def _is_address(value: str) -> bool:
    """Whether it is an IP address: no secret, though it may lie in a store that has nothing else,
    for servers to find."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _secrets(value: object) -> Iterator[str]:
    """The text of everything the engine marks as secret."""
    if isinstance(value, dict):
        if "plaintext" in value:
            yield str(json.loads(value["plaintext"]))
        for part in value.values():
            yield from _secrets(part)
    elif isinstance(value, list):
        for part in value:
            yield from _secrets(part)
