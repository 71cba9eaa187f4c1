"""A live sandbox from its start to its end, as a user of the command line sees it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.live_process import Live
from cli.state import State
from sandbox.aws.live.tasks import SERVICE as SERVICE_TYPE
from sandbox.aws.live.tasks import TASK_DEFINITION
from sandbox.live import processes
from sandbox.store import Store, StoredObject
from sandbox.values import Value
from tests.engine.engine import ROOT, Result, Shell
from tests.live.fake_llm import FakeLlm
from tests.live.journey import Client, Journey
from tools.setup import live

SECONDS = 600
"""Longest wait for anything, on a machine that is busy."""
SERVICE = "letta-medium-api"
ADDED = "LETTA_DEBUG"
LISTENING = "0A"
PAUSE_SECONDS = 0.1


@dataclass(kw_only=True)
class User:
    """A checkout whose medium is deployed, at first with one copy of the API."""

    shell: Shell
    live: Live

    def up(self, *options: str) -> Result:
        done = self.shell.letta_cloud("up", "--stack", "medium", *options)
        assert done, done.output
        return done

    def status(self) -> Mapping[str, Any]:
        done = self.shell.letta_cloud("sandbox", "status", "--json")
        found: Mapping[str, Any] = json.loads(done.output)["live"].get("medium", {})
        return found

    def serving(self) -> dict[str, int]:
        """Process -> of which copy, among those that serve."""
        copies = self.live.status.get("copies", [])
        return {copy["name"]: copy["pids"][0] for copy in copies if copy["state"] == "serving"}

    def api(self) -> set[int]:
        """The processes of the API that serve."""
        return {pid for name, pid in self.serving().items() if name.startswith(SERVICE)}

    def client(self) -> Client:
        outputs = self.shell.pulumi("stack", "output", "server_password", "--show-secrets")
        status = self.live.status
        return Client(
            url=status["urls"]["443"],
            password=outputs.output.strip(),
            certificate=Path(status["certificate"]),
        )

    def want(self, copies: int, **variables: str) -> None:
        """Change the service, and variables of its containers, in the cloud."""
        store = Store(self.live.state.sandbox_objects)
        try:
            self._set(store, SERVICE_TYPE, "desiredCount", copies)
            definition = self._object(store, TASK_DEFINITION)
            [container] = json.loads(str(definition.get("containerDefinitions")))
            container["environment"] += [{"name": k, "value": v} for k, v in variables.items()]
            self._set(store, TASK_DEFINITION, "containerDefinitions", json.dumps([container]))
        finally:
            store.close()

    def _set(self, store: Store, kind: str, name: str, value: Value) -> None:
        item = self._object(store, kind)
        store.update(
            item.key,
            inputs=dict(item.inputs),
            outputs={**item.outputs, name: value},
            version=item.version,
            name_scope=item.name_scope,
        )

    def _object(self, store: Store, kind: str) -> StoredObject:
        [item] = [each for each in store.all() if (each.type, each.name) == (kind, SERVICE)]
        return item


@dataclass(kw_only=True)
class Caller:
    """Asks again and again until it is told to end."""

    client: Client
    statuses: list[int] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Caller:
        self._thread = threading.Thread(target=self._call)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _call(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            self.statuses.append(self.client.call("GET", "/v1/agents/?limit=1").status)


@dataclass(frozen=True, kw_only=True)
class Life:
    """What was seen."""

    first: Result
    status: Mapping[str, Any]
    journey: Mapping[str, float]
    requested: subprocess.CompletedProcess[str]
    killed: int
    after_kill: set[int]
    again: Result
    after_again: set[int]
    changed: Result
    during_change: list[int]
    after_change: set[int]
    environments: list[Mapping[str, str]]
    arguments: list[str]
    destroyed: Result
    left_running: list[int]
    left_listening: list[str]
    left_files: list[Path]


@pytest.fixture(scope="module")
def life(
    environment: Path, model: FakeLlm, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Life]:
    """The whole of it, once."""
    assert live.is_made(environment)
    home = tmp_path_factory.mktemp("life")
    shell = Shell.open("medium", home)
    [folder] = home.glob("letta-cloud/*")
    user = User(shell=shell, live=Live(state=State(directory=folder), stack="medium"))
    try:
        user.up()
        user.want(1)
        yield _lived(user, model)
    finally:
        user.live.stop()
        shell.close()


def _lived(user: User, model: FakeLlm) -> Life:
    first = user.up("--live")
    status = user.status()
    journey = Journey(client=user.client(), model_endpoint=model.url).walk()
    requested = _as_printed(user, first.output)
    [killed] = user.api()
    os.kill(killed, signal.SIGKILL)
    after_kill = _wait_for(lambda: user.api() - {killed})
    again = user.up("--live")
    after_again = user.api()
    user.want(2, **{ADDED: "true"})
    with Caller(client=user.client()) as caller:
        changed = user.up()
        _wait_for(lambda: not user.api() & after_again)
    after_change = user.api()
    environments = [_environment(pid) for pid in after_change]
    network = user.live.network
    pids = [*user.serving().values(), user.live.status["pid"]]
    folders = (user.live.folder, user.live._stores)
    arguments = [Path(f"/proc/{pid}/cmdline").read_text() for pid in processes.inside(folders)]
    destroyed = user.shell.letta_cloud("destroy", "--stack", "medium")
    return Life(
        first=first,
        status=status,
        journey=journey,
        requested=requested,
        killed=killed,
        after_kill=after_kill,
        again=again,
        after_again=after_again,
        changed=changed,
        during_change=caller.statuses,
        after_change=after_change,
        environments=environments,
        arguments=arguments,
        destroyed=destroyed,
        left_running=[*filter(_runs, pids), *processes.inside(folders)],
        left_listening=_listening(network),
        left_files=[folder for folder in folders if folder.exists()],
    )


def _wait_for(what: Any) -> Any:  # noqa: ANN401 - whatever it finds
    deadline = time.monotonic() + SECONDS
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(PAUSE_SECONDS)
    return found


def _as_printed(user: User, said: str) -> subprocess.CompletedProcess[str]:
    """The lines that the first `up` ends with, given to a shell."""
    lines = re.findall(r"^ {4,}(.*)$", said[said.index("Letta answers at") :], re.MULTILINE)
    script = "\n".join(lines).replace("curl ", "curl --silent --show-error ")
    return subprocess.run(
        ["/bin/sh", "-ec", script],
        cwd=ROOT,
        env=user.shell.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _environment(pid: int) -> Mapping[str, str]:
    text = Path(f"/proc/{pid}/environ").read_text()
    return dict(line.split("=", 1) for line in text.split("\0") if line)


def _runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _listening(network: str) -> list[str]:
    """Ports of the network that something listens on, as Linux writes them."""
    prefix = "".join(f"{int(number):02X}" for number in reversed(network.split(".")))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == LISTENING and row[1][2:8] == prefix]


def test_the_first_up_ends_with_the_first_answered_request(life: Life) -> None:
    assert re.search(r"^First answered request after \d+ s\.$", life.first.output, re.MULTILINE)
    assert life.status["state"] == "up"
    assert {copy["state"] for copy in life.status["copies"]} == {"serving"}
    assert len(life.status["copies"]) == 2


def test_a_user_s_first_day_goes_well(life: Life) -> None:
    assert "send a message" in life.journey
    assert "the agent uses its memory" in life.journey


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_lines_that_up_prints_are_a_request_that_is_answered(life: Life) -> None:
    assert life.requested.returncode == 0, life.requested.stderr
    assert json.loads(life.requested.stdout) == []


def test_no_secret_is_printed_nor_seen_in_a_process_s_arguments(life: Life) -> None:
    outputs = (life.first, life.again, life.changed, life.destroyed)
    seen = "\n".join([*(each.output for each in outputs), *life.arguments])
    [environment, _] = life.environments
    secrets = [environment["LETTA_SERVER_PASSWORD"], environment["LETTA_ENCRYPTION_KEY"]]
    assert [secret[:3] for secret in secrets if secret in seen] == []


def test_a_copy_that_was_killed_comes_back(life: Life) -> None:
    assert len(life.after_kill) == 1
    assert life.killed not in life.after_kill


def test_a_second_up_leaves_everything_as_it_is(life: Life) -> None:
    assert life.after_again == life.after_kill
    assert "nothing changed" in life.again.output


def test_what_runs_follows_a_changed_stack_without_being_asked_for_again(life: Life) -> None:
    assert len(life.after_change) == 2
    assert not life.after_change & life.after_again
    assert [each.get(ADDED) for each in life.environments] == ["true", "true"]


def test_the_bootstrap_runs_again_before_the_copies_are_replaced(life: Life) -> None:
    said = life.changed.output
    assert said.index("letta-medium-boot-bootstrap: done") < said.index(f"{SERVICE}: 2 of 2")


def test_no_request_is_lost_while_copies_are_replaced(life: Life) -> None:
    assert len(life.during_change) > 10
    assert set(life.during_change) == {200}


def test_destroy_leaves_no_process_no_port_and_no_file(life: Life) -> None:
    assert life.destroyed, life.destroyed.output
    assert life.destroyed.output.startswith("The live sandbox of medium is ended.")
    assert (life.left_running, life.left_listening, life.left_files) == ([], [], [])
