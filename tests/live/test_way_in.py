from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.live import way_in
from sandbox.live.containers import Containers, Running
from sandbox.live.processes import Handle
from sandbox.live.run_caddy import configured
from sandbox.live.spec import Addresses, Objects, Process
from tests.live.objects import made

OWN = "203.0.113.7"
DOMAIN = "letta.example.com"
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
    assert way_in.domains(stack()) == (DOMAIN,)


@pytest.mark.parametrize(
    "objects", [stack(kind="CNAME"), stack(values=["203.0.113.8"]), Objects([])]
)
def test_other_records_do_not(objects: Objects) -> None:
    assert way_in.domains(objects) == ()


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


@pytest.mark.parametrize("own", [SITE, "{\n\temail a@example.com\n}\n" + SITE])
def test_the_proxy_s_configuration_keeps_its_lines_behind_those_of_this_machine(
    own: str, tmp_path: Path
) -> None:
    text = configured(own, "127.78.9.1")
    assert text.splitlines()[:2] == ["{", "\tdefault_bind 127.78.9.1"]
    assert text.endswith(SITE)
    assert ("email" in text) == ("email" in own)
    file = tmp_path / "Caddyfile"
    file.write_text(text, encoding="utf-8")
    adapted = subprocess.run(
        ["caddy", "adapt", "--config", file], capture_output=True, text=True, check=False
    )
    assert adapted.returncode == 0, adapted.stderr
    assert '"listen":["127.78.9.1:443"]' in adapted.stdout
    assert '"module":"internal"' in adapted.stdout
