from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.live.containers import Container, Containers
from sandbox.live.images import LETTA
from sandbox.live.spec import Addresses, LiveError, Process


@pytest.fixture
def placed(
    containers: Containers, addresses: Addresses, request: pytest.FixtureRequest
) -> Container:
    """A container of a test's own, with a volume for `/work`."""
    process = Process(
        name="server",
        image=LETTA,
        command=("python", "-c", ""),
        environment={},
        working_directory="/work",
        folders={"/work": "work", "/home/letta": "home"},
        ports=(),
        health=None,
        stop_seconds=0.5,
    )
    return containers.place(request.node.name[:60], process, addresses)


def ran(
    containers: Containers,
    placed: Container,
    addresses: Addresses,
    code: str,
    **changes: Any,  # noqa: ANN401 - fields of a process
) -> str:
    """What a container prints that runs some Python."""
    process = replace(placed.process, command=("python", "-c", code), **changes)
    container = replace(placed, process=process)
    assert containers.run(container, addresses, seconds=60) == 0, containers.log(
        container
    ).read_text()
    return containers.log(container).read_text()


def test_a_container_gets_its_variables_and_none_of_the_caller_s(
    containers: Containers, placed: Container, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the caller's")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    seen = json.loads(
        ran(containers, placed, addresses, code, environment={"LETTA_DEBUG": "false"})
    )
    assert seen.keys() - {"LC_CTYPE"} == {"LETTA_DEBUG", "PATH"}


def test_names_of_hosts_become_addresses_and_paths_of_volumes_folders(
    containers: Containers, placed: Container, addresses: Addresses
) -> None:
    host = addresses.of("db.example.com")
    given = {"URI": "postgresql://u:p@db.example.com:5432/letta", "HOME": "/home/letta"}
    code = (
        "import json, os; print(json.dumps([os.getcwd(), os.environ['HOME'], os.environ['URI']]))"
    )
    seen = json.loads(ran(containers, placed, addresses, code, environment=given))
    assert seen == [
        str(placed.folder / "work"),
        str(placed.folder / "home"),
        f"postgresql://u:p@{host}:5432/letta",
    ]


def test_files_of_the_platform_are_in_the_volumes_and_for_their_owner_alone(
    containers: Containers, placed: Container, addresses: Addresses
) -> None:
    code = "import os; print(open(os.environ['TOKEN']).read(), oct(os.stat('.').st_mode)[-3:])"
    given = {"TOKEN": "/home/letta/token"}
    files = {"/home/letta/token": "t0ken"}
    assert ran(containers, placed, addresses, code, environment=given, files=files) == "t0ken 700\n"


def test_containers_trust_whom_the_stores_say_once_there_is_one(
    environment: Path, temporary: Path, placed: Container, addresses: Addresses
) -> None:
    trusted = temporary / "trusted.pem"
    containers = Containers(environment / "bin", temporary / "letta", trusted)
    code = "import os; print(os.environ.get('SSL_CERT_FILE', 'everybody'))"
    assert ran(containers, placed, addresses, code) == "everybody\n"
    trusted.touch()
    assert ran(containers, placed, addresses, code).splitlines()[1:] == [str(trusted)]
    own = {"SSL_CERT_FILE": "/own"}
    assert ran(containers, placed, addresses, code, environment=own).splitlines()[2:] == ["/own"]


def test_each_container_has_an_address_of_its_own(
    containers: Containers, placed: Container, addresses: Addresses
) -> None:
    other = containers.place("other", placed.process, addresses)
    assert other.address != placed.address
    said = ran(containers, placed, addresses, "print('listening on 0.0.0.0')")
    assert said == f"listening on {placed.address}\n"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image": "letta/letta:0.17.0"}, "wants the image letta/letta:0.17.0"),
        ({"command": ("nosuch",)}, "starts nosuch, which the image does not have"),
        ({"working_directory": "/elsewhere"}, "works in /elsewhere, which is in no volume"),
    ],
)
def test_what_the_image_could_not_do_is_refused(
    containers: Containers,
    placed: Container,
    addresses: Addresses,
    changes: dict[str, Any],
    said: str,
) -> None:
    with pytest.raises(LiveError, match=said):
        containers.start(
            containers.place(placed.name, replace(placed.process, **changes), addresses), addresses
        )


def test_who_does_not_heed_the_signal_is_ended_after_the_definition_s_grace(
    containers: Containers, placed: Container, addresses: Addresses
) -> None:
    code = (
        "import signal, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path('deaf').touch(); signal.pause(); signal.pause()"
    )
    process = replace(placed.process, command=("python", "-c", code))
    running = containers.start(replace(placed, process=process), addresses)
    while not (placed.folder / "work" / "deaf").exists():
        assert running.handle.alive
    assert containers.stop(running) >= placed.process.stop_seconds
    assert not running.handle.alive
