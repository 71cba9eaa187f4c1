"""Which packages are asked about a stack, and what they make of whole stack files."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sandbox.cloud import CloudObject
from sandbox.live.reader import every, readers, store
from sandbox.live.spec import LiveError, Objects
from sandbox.live.stack import Stack
from tests.live.clouds import CASES
from tests.live.held import held
from tests.live.objects import load_balancer
from tests.live.pods import kubernetes
from tools.setup.common import ROOT


def test_only_packages_that_hold_objects_are_imported() -> None:
    code = (
        "import sys; from sandbox.cloud import CloudObject; from sandbox.live.stack import Stack;"
        "Stack.read([CloudObject(type='aws:sqs/queue:Queue', id='', region='', inputs={}, "
        "outputs={})]);"
        "print(sorted({n.split('.')[1] for n in sys.modules if n.split('.')[2:3] == ['live']}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (said.stdout, said.stderr) == ("['aws']\n", "")


def test_each_package_reads_its_own() -> None:
    both = Objects([*load_balancer(), kubernetes("core/v1:Service", "a", spec={})])
    assert len(readers(both)) == 2
    assert len(readers(Objects(load_balancer()))) == 1
    assert all(reader in every() for reader in readers(both))
    assert len(every()) > 2


def test_a_stack_of_a_package_without_a_reader_is_refused() -> None:
    item = CloudObject(
        type="random:index/randomId:RandomId", id="", region="", inputs={}, outputs={}
    )
    with pytest.raises(LiveError, match="a package that the live sandbox reads: random"):
        Stack.read([item])


def test_secrets_of_an_unknown_store_are_refused() -> None:
    with pytest.raises(LiveError, match="secrets come from vault, which is not known here"):
        store(Objects(load_balancer()), "vault")


@pytest.mark.parametrize(("cloud", "tier"), CASES)
def test_a_stack_file_s_servers_find_their_stores_by_names_that_lead_to_them(
    cloud: str, tier: str
) -> None:
    stack = Stack.read(held(cloud, tier).everything)
    primary, *_ = stack.servers
    servers = [
        process
        for service in stack.services
        for process in service.processes
        if "LETTA_PG_URI" in process.environment
    ]
    assert len(servers) == (1 if tier == "small" else 2)
    caches = {node.host for node in stack.nodes} | {each.host for each in stack.services}
    for process in servers:
        assert f"@{primary.host}:{primary.port}/" in process.environment["LETTA_PG_URI"]
        assert process.environment["LETTA_REDIS_HOST"] in caches | {"127.0.0.1"}
        assert process.environment["LETTA_SERVER_PASSWORD"]
        assert not process.refused
    [run] = stack.runs
    [bootstrap] = run.processes
    assert f"//{primary.user}:{primary.password}@" in bootstrap.environment["BOOTSTRAP_ADMIN_URI"]


@pytest.mark.parametrize(("cloud", "tier"), CASES)
def test_a_stack_file_s_servers_are_behind_its_way_in(cloud: str, tier: str) -> None:
    stack = Stack.read(held(cloud, tier).everything)
    assert stack.balancer is not None
    groups = {group.arn for group in stack.balancer.target_groups}
    registered = {
        registration.group for service in stack.services for registration in service.registrations
    }
    assert groups == registered
    assert [listener.port for listener in stack.balancer.listeners if listener.tls_versions] == [
        443
    ]
    [domain] = stack.balancer.domains
    assert domain.endswith("example.com")


@pytest.mark.parametrize(("cloud", "tier"), CASES)
def test_a_stack_file_s_dumps_go_to_a_bucket_that_is_there(cloud: str, tier: str) -> None:
    stack = Stack.read(held(cloud, tier).everything)
    [schedule] = stack.schedules
    upload = schedule.processes[-1]
    assert upload.environment["DUMP_BUCKET"] in stack.buckets
    assert not any(process.refused for process in schedule.processes)


def test_no_secret_of_a_stack_file_is_shown() -> None:
    for cloud, tier in CASES:
        stack = Stack.read(held(cloud, tier).everything)
        assert stack.servers[0].password not in repr(stack)
