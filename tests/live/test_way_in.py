from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.aws.live.way_in import domains
from sandbox.live import ports, way_in
from sandbox.live.containers import Containers, Running
from sandbox.live.processes import Handle
from sandbox.live.run_caddy import configured
from sandbox.live.spec import Addresses, Connect, Health, Objects, Process
from tests.live.ground import until
from tests.live.journey import Client
from tests.live.objects import made

OWN = "203.0.113.7"
DOMAIN = "letta.example.com"
FIRST_FREE = 1024
START = 'printf %s "$CADDYFILE" > /config/Caddyfile && exec caddy run --config /config/Caddyfile'
SITE = f"{DOMAIN} {{\n\treverse_proxy 127.0.0.1:8283\n}}\n"


def stack(*, kind: str = "A", values: Sequence[str] = (OWN,)) -> Objects:
    """A record of the domain, and an address of the stack's own."""
    return Objects(
        [
            made("ec2/eip:Eip", arn="arn:address", publicIp=OWN),
            made("route53/record:Record", arn="arn:record", fqdn=DOMAIN, type=kind, records=values),
        ]
    )


@pytest.fixture
def proxy(containers: Containers, addresses: Addresses) -> Running:
    process = Process(
        name="proxy",
        image="caddy:2.10.2",
        command=("caddy",),
        environment={},
        working_directory="",
        folders={"/data": "/var/lib/caddy"},
        ports=(80, 443),
        health=None,
        stop_seconds=1,
    )
    container = containers.place("proxy", process, addresses)
    return Running(container=container, handle=Handle(name="", pid=0, started=0, log=""))


def test_a_record_of_the_stack_s_own_address_leads_to_its_machine() -> None:
    assert domains(stack()) == (DOMAIN,)


@pytest.mark.parametrize(
    "objects", [stack(kind="CNAME"), stack(values=["203.0.113.8"]), Objects([])]
)
def test_other_records_do_not(objects: Objects) -> None:
    assert domains(objects) == ()


def test_users_come_in_where_https_is_taken_and_trust_the_proxy_s_own_authority(
    proxy: Running,
) -> None:
    process = replace(proxy.container.process, ports=(8283,))
    server = replace(proxy.container, process=process, address="127.78.9.9")
    found = way_in.read([DOMAIN], [replace(proxy, container=server), proxy])
    assert found is not None
    assert (found.url, found.address) == (f"https://{DOMAIN}", proxy.container.address)
    assert found.authority == proxy.container.paths["/data"] / (
        "caddy/pki/authorities/local/root.crt"
    )


def test_without_a_name_or_a_proxy_there_is_no_way_in(proxy: Running) -> None:
    assert way_in.read([], [proxy]) is None
    assert way_in.read([DOMAIN], []) is None


@pytest.mark.parametrize("https_port", [443, 10443])
@pytest.mark.parametrize("own", [SITE, "{\n\temail a@example.com\n}\n" + SITE])
def test_the_proxy_s_configuration_keeps_its_lines_behind_those_of_this_machine(
    own: str, https_port: int, tmp_path: Path
) -> None:
    text = configured(own, "127.78.9.1", 80, https_port)
    assert text.splitlines()[:2] == ["{", "\tdefault_bind 127.78.9.1"]
    assert text.endswith(SITE)
    assert ("email" in text) == ("email" in own)
    file = tmp_path / "Caddyfile"
    file.write_text(text, encoding="utf-8")
    adapted = subprocess.run(
        ["caddy", "adapt", "--config", file], capture_output=True, text=True, check=False
    )
    assert adapted.returncode == 0, adapted.stderr
    assert f'"listen":["127.78.9.1:{https_port}"]' in adapted.stdout
    assert '"module":"internal"' in adapted.stdout


@pytest.fixture
def unprivileged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user who may not take the ports of HTTP and HTTPS."""
    bind = socket.socket.bind

    def refuse(self: socket.socket, address: tuple[str, int]) -> None:
        if 0 < address[1] < FIRST_FREE:
            raise PermissionError
        bind(self, address)

    monkeypatch.setattr(socket.socket, "bind", refuse)
    ports.here.cache_clear()
    yield
    ports.here.cache_clear()


@pytest.mark.usefixtures("unprivileged")
def test_who_may_not_take_the_port_of_https_comes_in_by_another(
    containers: Containers, addresses: Addresses
) -> None:
    assert (ports.here(443), ports.here(8283)) == (10443, 8283)
    site = f"{DOMAIN} {{\n\trespond it\n}}\n"
    process = Process(
        name="proxy",
        image="caddy:2.10.2",
        command=("sh", "-c", START),
        environment={"CADDYFILE": site},
        working_directory="",
        folders={},
        ports=(80, 443),
        health=None,
        stop_seconds=1,
    )
    container = containers.place("moved-proxy", process, addresses)
    running = containers.start(container, addresses)
    try:
        found = way_in.read([DOMAIN], [running])
        assert found is not None
        assert found.url == f"https://{DOMAIN}:10443"
        check = Health(
            question=Connect(port=443),
            interval_seconds=1,
            timeout_seconds=1,
            retries=1,
            start_seconds=1,
        )
        until(lambda: containers.healthy(container, check, addresses) and found.authority.exists())
        client = Client(
            url=f"https://{found.address}:{found.port}",
            host=DOMAIN,
            password="",
            certificate=found.authority,
        )
        assert client.call("GET", "/").status == 200
    finally:
        containers.stop(running)
