"""A restore drill: a dump is restored into a throw-away database and held to its manifest.

Works with any PostgreSQL by its own client programs; how a dump is made and what its manifest says
is in `components/letta/dump.sh`.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.letta.dump import SCHEMA_HEAD

DUMP_SUFFIX, MANIFEST_SUFFIX = ".dump", ".json"
_PROGRAMS = ("psql", "pg_restore")
_TABLE = re.compile(r"[a-z_][a-z0-9_]*")
_CHUNK = 1 << 20
_SHOWN = 400
"""Characters of a program's complaint that are shown."""

# The agent that changed last, with what a message to it would need. Its list of messages in context
# must lead to rows.
_AGENT = """
SELECT json_build_object('id', agent.id, 'name', agent.name,
  'blocks', (SELECT count(*) FROM blocks_agents AS link JOIN block ON block.id = link.block_id
              WHERE link.agent_id = agent.id),
  'in_context', coalesce(json_array_length(agent.message_ids), 0),
  'messages', (SELECT count(*) FROM messages WHERE messages.id IN (
                 SELECT json_array_elements_text(agent.message_ids))))
  FROM agents AS agent
 ORDER BY agent.updated_at DESC NULLS LAST, agent.id LIMIT 1
"""


class DrillError(Exception):
    """The dump is of no use, or the drill could not be done; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A drill that passed."""

    dump: str
    """Name of the dump's file."""
    taken_at: str
    """When, UTC."""
    age_hours: float
    duration_seconds: float
    """From the check of the file to the last check of the restored database."""
    bytes: int
    schema_head: str
    tables: int
    rows: int
    agent: Mapping[str, Any] | None
    """The agent that was read; none in a database without agents."""

    def as_json(self) -> str:
        """The same for programs."""
        return json.dumps(asdict(self), indent=2)

    def __str__(self) -> str:
        agent = (
            f"agent {self.agent['name']} (memory blocks: {self.agent['blocks']}, messages in "
            f"context: {self.agent['messages']})"
            if self.agent
            else "no agent, for there is none in it"
        )
        return (
            f"{self.dump}: restored in {self.duration_seconds:.1f} s; it is {self.age_hours:.1f} "
            f"hours old (taken {self.taken_at})\n"
            f"schema {self.schema_head}, {self.rows} rows in {self.tables} tables as counted when "
            f"it was taken; read {agent}"
        )


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a dump says of itself."""

    taken_at: datetime
    sha256: str
    bytes: int
    schema_head: str
    rows: Mapping[str, int]

    @classmethod
    def read(cls, file: Path) -> Manifest:
        """Raises `DrillError` for a file that is none."""
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            contents = found["contents"]
            rows = {str(name): _count(count) for name, count in contents["rows"].items()}
            if not rows:
                raise ValueError("it counts no table's rows, so that nothing could be missing")
            if not all(map(_TABLE.fullmatch, rows)):
                raise ValueError("a table has another name than Letta's")
            taken_at = datetime.fromisoformat(contents["taken_at"])
            if taken_at.tzinfo is None:
                raise ValueError(f"its time {contents['taken_at']} names no zone")
            return cls(
                taken_at=taken_at,
                sha256=str(found["sha256"]),
                bytes=_count(found["bytes"]),
                schema_head=str(contents["schema_head"]),
                rows=rows,
            )
        except FileNotFoundError:
            raise DrillError(
                f"{file.name} is missing: without it nobody knows what the dump must hold"
            ) from None
        except OSError as error:
            raise DrillError(f"{file.name} cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DrillError(f"{file.name} is no manifest of a dump: {error}") from None


def _count(value: object) -> int:
    """A number of bytes or rows as JSON has it. Raises ValueError."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no number of bytes or rows")
    return value


@dataclass(frozen=True, kw_only=True)
class Server:
    """A PostgreSQL on which databases may be made and dropped, and the programs to speak to it."""

    programs: Path | None
    """Folder of `psql` and `pg_restore`; else those on the PATH are taken."""
    environment: Mapping[str, str]
    """Where it is and as whom, by the variables of libpq: `PGHOST`, `PGUSER`, …"""

    def require(self) -> None:
        """Raise `DrillError` where a program is missing or the server does not answer."""
        for name in _PROGRAMS:
            if self._program(name) is None:
                raise DrillError(f"there is no {name}: install the client programs of PostgreSQL")
        self.query("SELECT 1")

    def query(self, statement: str, database: str | None = None) -> str:
        """What a statement answers. Raises `DrillError`."""
        words = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1")
        return self.run("psql", *words, input=statement, database=database)

    def run(self, name: str, *words: str, input: str = "", database: str | None = None) -> str:  # noqa: A002
        """Run one of its programs. Raises `DrillError` with the program's own complaint."""
        environment = dict(self.environment)
        if database is not None:
            environment["PGDATABASE"] = database
        found = subprocess.run(
            [str(self._program(name)), *words],
            input=input,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if found.returncode:
            raise DrillError(f"{name}: {' '.join(found.stderr.split())[:_SHOWN]}")
        return found.stdout.strip()

    def _program(self, name: str) -> str | None:
        if self.programs is not None:
            return shutil.which(name, path=self.programs)
        return shutil.which(name)


def newest(folder: Path) -> Path:
    """The newest dump of a folder whose upload ended. Raises `DrillError` without one."""
    # Names are times: the last is the newest.
    manifests = sorted(folder.glob(f"*{MANIFEST_SUFFIX}"))
    if not manifests:
        raise DrillError(f"there is no dump in {folder}: no scheduled run has succeeded yet")
    return manifests[-1].with_suffix(DUMP_SUFFIX)


def drill(
    dump: Path, server: Server, *, max_age_hours: float, now: datetime | None = None
) -> Report:
    """Restore `dump`, whose manifest lies beside it, into a database that is dropped afterwards.

    Raises `DrillError` for a dump that is corrupted, truncated, missing, of the future or older
    than `max_age_hours`, and for one that does not restore to what its manifest says.
    """
    manifest = Manifest.read(dump.with_suffix(MANIFEST_SUFFIX))
    age_hours = ((now or datetime.now(UTC)) - manifest.taken_at).total_seconds() / 3600
    if age_hours < 0:
        raise DrillError(
            f"{dump.name} was taken {-age_hours:.1f} hours from now, at {manifest.taken_at}: the "
            "clock of the database or of this machine is wrong, or the manifest was changed"
        )
    if age_hours > max_age_hours:
        raise DrillError(
            f"{dump.name} is {age_hours:.1f} hours old, and the stack promises {max_age_hours:g}: "
            "look at the log of the scheduled run"
        )
    began = time.monotonic()
    _check_file(dump, manifest)
    if manifest.schema_head != SCHEMA_HEAD:
        raise DrillError(
            f"{dump.name} has the schema {manifest.schema_head}, and the servers need "
            f"{SCHEMA_HEAD}: it was taken before or after another version of Letta"
        )
    server.require()
    with _database(server) as name:
        server.run(
            "pg_restore",
            *("--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={name}", str(dump)),
        )
        agent = _check_contents(server, name, manifest)
    return Report(
        dump=dump.name,
        taken_at=manifest.taken_at.isoformat(),
        age_hours=round(age_hours, 3),
        duration_seconds=round(time.monotonic() - began, 3),
        bytes=manifest.bytes,
        schema_head=manifest.schema_head,
        tables=len(manifest.rows),
        rows=sum(manifest.rows.values()),
        agent=agent,
    )


def _check_file(dump: Path, manifest: Manifest) -> None:
    try:
        size, checksum = _measured(dump)
    except FileNotFoundError:
        raise DrillError(f"{dump.name} is missing, and its manifest is there") from None
    except OSError as error:
        raise DrillError(f"{dump.name} cannot be read: {error.strerror}") from None
    if size != manifest.bytes:
        raise DrillError(
            f"{dump.name} has {size} bytes, and had {manifest.bytes} when it was taken"
        )
    if checksum != manifest.sha256:
        raise DrillError(f"{dump.name} is corrupted: its SHA-256 is not that of its manifest")


def _measured(file: Path) -> tuple[int, str]:
    """The bytes of a file and their SHA-256. Raises OSError."""
    size, checksum = 0, hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            checksum.update(chunk)
    return size, checksum.hexdigest()


@contextmanager
def _database(server: Server) -> Iterator[str]:
    name = f"letta_drill_{secrets.token_hex(8)}"
    try:
        server.query(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        yield name
    finally:
        _drop(server, name)


def _drop(server: Server, name: str) -> None:
    """Drop the database if it was made, also while a program that was ended is still connected."""
    try:
        server.query(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    except DrillError as error:
        raise DrillError(f"the database {name}, if it was made, is left there: {error}") from error


def _check_contents(server: Server, database: str, manifest: Manifest) -> dict[str, Any] | None:
    """Hold the restored database to the manifest; the agent that was read."""
    head = server.query("SELECT version_num FROM alembic_version", database)
    if head != manifest.schema_head:
        raise DrillError(f"restored, the schema is {head!r}, and was {manifest.schema_head}")
    counts = " UNION ALL ".join(
        f"SELECT '{table}' AS name, count(*) AS rows FROM public.{table}"  # noqa: S608 - checked names
        for table in sorted(manifest.rows)
    )
    found = json.loads(
        server.query(f"SELECT json_object_agg(name, rows) FROM ({counts}) AS counts", database)  # noqa: S608
    )
    wrong = [
        f"{table}: {found[table]} instead of {count}"
        for table, count in sorted(manifest.rows.items())
        if found[table] != count
    ]
    if wrong:
        raise DrillError(f"restored, rows are missing or too many: {', '.join(wrong)}")
    text = server.query(_AGENT, database)
    if not text:
        if manifest.rows.get("agents"):
            raise DrillError("restored, none of the agents can be read")
        return None
    agent: dict[str, Any] = json.loads(text)
    if agent["messages"] != agent["in_context"]:
        raise DrillError(
            f"restored, agent {agent['id']} has {agent['messages']} of the {agent['in_context']} "
            "messages of its context"
        )
    return agent
