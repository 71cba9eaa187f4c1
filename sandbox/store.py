"""The state of the simulated cloud: one SQLite file that survives a restart and a kill."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.errors import Refusal
from sandbox.values import Properties, Value, from_json, to_json

_VERSION = 1
_SCHEMA = """
CREATE TABLE objects (
    key INTEGER PRIMARY KEY, type TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL,
    name TEXT NOT NULL, urn TEXT NOT NULL, name_scope TEXT UNIQUE, inputs TEXT NOT NULL,
    outputs TEXT NOT NULL, seed TEXT NOT NULL, version INTEGER NOT NULL, created TEXT NOT NULL,
    UNIQUE (type, region, id)
);
CREATE TABLE edges (
    source INTEGER NOT NULL REFERENCES objects (key) ON DELETE CASCADE,
    target INTEGER NOT NULL REFERENCES objects (key) ON DELETE CASCADE,
    path TEXT NOT NULL, blocks INTEGER NOT NULL
);
CREATE INDEX edges_by_target ON edges (target);
CREATE TABLE retained (
    key INTEGER PRIMARY KEY, kind TEXT NOT NULL, type TEXT NOT NULL, region TEXT NOT NULL,
    id TEXT NOT NULL, name_scope TEXT, until TEXT, since TEXT NOT NULL
);
CREATE TABLE counters (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE faults (
    key INTEGER PRIMARY KEY, operation TEXT NOT NULL, type TEXT NOT NULL, kind TEXT NOT NULL,
    message TEXT NOT NULL, times INTEGER NOT NULL
);
"""


@dataclass(frozen=True, kw_only=True)
class StoredObject(CloudObject):
    """An object of the cloud as the file holds it."""

    key: int
    urn: str
    name_scope: str | None
    seed: str
    version: int
    created: str


@dataclass(frozen=True, kw_only=True)
class Retained:
    """What is kept after a delete: a final snapshot, or an object in its recovery window."""

    kind: str
    type: str
    region: str
    id: str
    name_scope: str | None
    until: datetime | None
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A reference from one object to another."""

    target: int
    path: str
    blocks: bool


class Store:
    """Access to the file. Every change is one transaction; threads may share a store."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, readable by its owner alone. Raises Refusal."""
        created = not path.exists()
        if created:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._path = path
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._prepare()
        except sqlite3.DatabaseError as error:
            raise Refusal.blocked(f"{path} is no state file of the sandbox: {error}") from error

    def _prepare(self) -> None:
        connection = self._connection
        # WAL with synchronous NORMAL loses nothing when the process is killed.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction():
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
            elif version != _VERSION:
                raise Refusal.blocked(
                    f"{self._path} has format {version}, this sandbox reads {_VERSION}: move the "
                    "file away, and the Pulumi state that belongs to it"
                )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing does."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _rows(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def get(self, type_token: str, region: str, object_id: str) -> StoredObject | None:
        """The object of that id."""
        rows = self._rows(
            "SELECT * FROM objects WHERE type = ? AND region = ? AND id = ?",
            type_token,
            region,
            object_id,
        )
        return _stored(rows[0]) if rows else None

    def find(
        self, type_token: str, region: str | None, attribute: str, value: Value
    ) -> StoredObject | None:
        """The first object whose attribute has that value; in every region when it is None."""
        column = "id" if attribute == "id" else "json_extract(outputs, ?)"
        values: list[Any] = [] if attribute == "id" else [f'$."{attribute}"']
        sql = f"SELECT * FROM objects WHERE {column} = ? AND type = ?"  # noqa: S608 - two constants
        values += [value, type_token]
        if region is not None:
            sql += " AND region = ?"
            values.append(region)
        rows = self._rows(sql + " ORDER BY key LIMIT 1", *values)
        return _stored(rows[0]) if rows else None

    def all(self, type_token: str | None = None, region: str | None = None) -> list[StoredObject]:
        """The objects, in the order of their creation."""
        sql, values = "SELECT * FROM objects WHERE 1", []
        if type_token is not None:
            sql += " AND type = ?"
            values.append(type_token)
        if region is not None:
            sql += " AND region = ?"
            values.append(region)
        return [_stored(row) for row in self._rows(sql + " ORDER BY key", *values)]

    def by_name_scope(self, name_scope: str) -> StoredObject | None:
        """The object that holds a name."""
        rows = self._rows("SELECT * FROM objects WHERE name_scope = ?", name_scope)
        return _stored(rows[0]) if rows else None

    def insert(
        self,
        *,
        type_token: str,
        region: str,
        object_id: str,
        urn: str,
        name_scope: str | None,
        inputs: Properties,
        outputs: Properties,
        seed: str,
        created: str,
        edges: list[Edge],
    ) -> None:
        """Add an object."""
        with self.transaction():
            cursor = self._connection.execute(
                "INSERT INTO objects (type, region, id, name, urn, name_scope, inputs, outputs,"
                " seed, version, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
                (
                    type_token,
                    region,
                    object_id,
                    urn.rpartition("::")[2],
                    urn,
                    name_scope,
                    to_json(inputs),
                    to_json(outputs),
                    seed,
                    created,
                ),
            )
            self._insert_edges(cursor.lastrowid or 0, edges)

    def update(
        self,
        key: int,
        *,
        inputs: Properties,
        outputs: Properties,
        version: int,
        name_scope: str | None,
        edges: list[Edge] | None = None,
    ) -> None:
        """Change an object; its references too, when they are given."""
        with self.transaction():
            self._connection.execute(
                "UPDATE objects SET inputs = ?, outputs = ?, version = ?, name_scope = ?"
                " WHERE key = ?",
                (to_json(inputs), to_json(outputs), version, name_scope, key),
            )
            if edges is not None:
                self._connection.execute("DELETE FROM edges WHERE source = ?", (key,))
                self._insert_edges(key, edges)

    def _insert_edges(self, source: int, edges: list[Edge]) -> None:
        self._connection.executemany(
            "INSERT INTO edges (source, target, path, blocks) VALUES (?, ?, ?, ?)",
            [(source, edge.target, edge.path, edge.blocks) for edge in edges],
        )

    def delete(self, key: int) -> None:
        """Remove an object and its references."""
        with self.transaction():
            self._connection.execute("DELETE FROM objects WHERE key = ?", (key,))

    def dependents(self, key: int) -> list[tuple[StoredObject, str]]:
        """The other objects that keep this one from going, each with the property that does."""
        rows = self._rows(
            "SELECT objects.*, edges.path AS path FROM edges JOIN objects ON objects.key = source"
            " WHERE target = ? AND source != target AND blocks ORDER BY objects.key",
            key,
        )
        return [(_stored(row), row["path"]) for row in rows]

    def retain(self, retained: Retained) -> None:
        """Keep something after a delete."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO retained (kind, type, region, id, name_scope, until, since)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    retained.kind,
                    retained.type,
                    retained.region,
                    retained.id,
                    retained.name_scope,
                    retained.until.isoformat() if retained.until else None,
                    retained.since.isoformat(),
                ),
            )

    def retained(self) -> list[Retained]:
        """Everything that was kept after a delete."""
        return [_retained(row) for row in self._rows("SELECT * FROM retained ORDER BY key")]

    def next_number(self, key: str) -> int:
        """1 for the first call with that key, then one more each time."""
        with self.transaction():
            row = self._connection.execute(
                "INSERT INTO counters VALUES (?, 1)"
                " ON CONFLICT (key) DO UPDATE SET value = value + 1 RETURNING value",
                (key,),
            ).fetchone()
            return int(row["value"])

    def add_fault(
        self, operation: str, type_token: str, kind: str, message: str, times: int
    ) -> None:
        """Have the next operations of that kind fail."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO faults (operation, type, kind, message, times) VALUES (?, ?, ?, ?, ?)",
                (operation, type_token, kind, message, times),
            )

    def take_fault(self, operation: str, type_token: str) -> tuple[str, str] | None:
        """The kind and message of a fault that is due now; it counts as used."""
        with self.transaction():
            row = self._connection.execute(
                "SELECT key, kind, message FROM faults WHERE operation = ? AND type IN (?, '*')"
                " AND times > 0 ORDER BY key LIMIT 1",
                (operation, type_token),
            ).fetchone()
            if row is None:
                return None
            self._connection.execute("UPDATE faults SET times = times - 1 WHERE key = ?", (row[0],))
            return str(row["kind"]), str(row["message"])

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are still to come."""
        rows = self._rows("SELECT operation, type, kind, times FROM faults WHERE times > 0")
        return [dict(row) for row in rows]

    def clear_faults(self) -> None:
        """Forget the faults that are still to come."""
        with self.transaction():
            self._connection.execute("DELETE FROM faults")


def _stored(row: sqlite3.Row) -> StoredObject:
    return StoredObject(
        key=row["key"],
        type=row["type"],
        id=row["id"],
        region=row["region"],
        name=row["name"],
        urn=row["urn"],
        name_scope=row["name_scope"],
        inputs=from_json(row["inputs"]),
        outputs=from_json(row["outputs"]),
        seed=row["seed"],
        version=row["version"],
        created=row["created"],
    )


def _retained(row: sqlite3.Row) -> Retained:
    return Retained(
        kind=row["kind"],
        type=row["type"],
        region=row["region"],
        id=row["id"],
        name_scope=row["name_scope"],
        until=datetime.fromisoformat(row["until"]) if row["until"] else None,
        since=datetime.fromisoformat(row["since"]),
    )
