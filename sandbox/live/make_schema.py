"""What `alembic upgrade head` does in the server's image, where only its wheel is at hand.

The wheel has no migration scripts. So the schema is made at once from the wheel's own metadata,
with what the migrations alone say, and noted as being at their head. Settings, driver and URI are
read as the image's `alembic/env.py` does, and what that refuses is refused here: a `%`, a query
with `sslmode`. Runs in the environment of the server, as `alembic upgrade head`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import types
from pathlib import Path

HEAD = "a1b2c3d4e5f8"
"""The last revision of Letta 0.16.4."""
VERSIONS = "alembic_version"
BY_MIGRATIONS_ALONE = (
    # The metadata only says that the database gives a message its number.
    "CREATE SEQUENCE message_seq_id OWNED BY messages.sequence_id",
    "ALTER TABLE messages ALTER COLUMN sequence_id SET DEFAULT nextval('message_seq_id')",
    f"CREATE TABLE {VERSIONS} (version_num varchar(32) PRIMARY KEY)",
    f"INSERT INTO {VERSIONS} VALUES ('{HEAD}')",  # noqa: S608 - a constant
)
PACKAGE = "letta"
KEPT = Path(sys.prefix) / f"letta-cloud-schema-{HEAD}.json"
"""The statements, beside the wheel that they come from: the imports that lead to the metadata
take four seconds."""


def main(words: list[str]) -> int:
    """Bring the database of `LETTA_PG_URI` to the head."""
    if words != ["upgrade", "head"]:
        sys.stderr.write(f"alembic {' '.join(words)}: here only `upgrade head` is known\n")
        return 2
    # The package's own `__init__` imports all of the server; its settings do without.
    sys.modules[PACKAGE] = _bare(PACKAGE)
    from alembic.config import Config  # type: ignore[import-not-found]
    from letta.database_utils import (  # type: ignore[import-not-found]
        get_database_uri_for_context,
    )
    from letta.settings import DatabaseChoice, settings  # type: ignore[import-not-found]
    from sqlalchemy import create_engine, inspect  # type: ignore[import-not-found]

    if settings.database_engine is not DatabaseChoice.POSTGRES:
        sys.stderr.write("alembic: no URI of a PostgreSQL is given; a file would be migrated\n")
        return 1
    configuration = Config()
    uri = get_database_uri_for_context(settings.letta_pg_uri, "alembic")
    configuration.set_main_option("sqlalchemy.url", uri)
    print(f"Using database: {configuration.get_main_option('sqlalchemy.url')}")
    engine = create_engine(configuration.get_main_option("sqlalchemy.url"))
    with engine.begin() as connection:
        if inspect(connection).has_table(VERSIONS):
            [found] = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalars()  # noqa: S608
            print(f"at revision {found} already")
            return 0 if found == HEAD else 1
        print("No migration scripts in the wheel: making the schema from its metadata")
        statements = [*_by_metadata(), *BY_MIGRATIONS_ALONE]
        for statement in statements:
            connection.exec_driver_sql(statement)
    print(f"{len(statements)} statements to revision {HEAD}")
    return 0


def _bare(name: str) -> types.ModuleType:
    """A package whose modules can be imported, and that is itself empty."""
    found = importlib.util.find_spec(name)
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError(f"no package named {name}")
    package = types.ModuleType(name)
    package.__path__ = list(found.submodule_search_locations)
    return package


def _by_metadata() -> list[str]:
    """The statements that make the tables, in their order."""
    if not KEPT.exists():
        unfinished = KEPT.with_name(f".{KEPT.name}.{os.getpid()}")
        unfinished.write_text(json.dumps(_read_metadata()), encoding="utf-8")
        unfinished.replace(KEPT)
    statements: list[str] = json.loads(KEPT.read_text(encoding="utf-8"))
    return statements


def _read_metadata() -> list[str]:
    del sys.modules[PACKAGE]
    from letta.orm import Base  # type: ignore[import-not-found]
    from sqlalchemy import create_mock_engine
    from sqlalchemy.schema import ExecutableDDLElement  # type: ignore[import-not-found]

    statements: list[str] = []

    def keep(statement: ExecutableDDLElement, *_: object) -> None:
        statements.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("postgresql+pg8000://", keep)
    Base.metadata.create_all(engine, checkfirst=False)
    return statements


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
