"""What `alembic upgrade head` does in the server's image, where only its wheel is at hand.

The wheel has no migration scripts. So the schema is made at once from the wheel's own metadata,
with what the migrations alone say, and noted as being at their head. Settings, driver and URI are
read as the image's `alembic/env.py` does, and what that refuses is refused here: a `%`, a query
with `sslmode`. Runs in the environment of the server, as `alembic upgrade head`.
"""

from __future__ import annotations

import sys

HEAD = "a1b2c3d4e5f8"
"""The last revision of Letta 0.16.4."""
BY_MIGRATIONS_ALONE = (
    # The metadata only says that the database gives a message its number.
    "CREATE SEQUENCE IF NOT EXISTS message_seq_id OWNED BY messages.sequence_id",
    "ALTER TABLE messages ALTER COLUMN sequence_id SET DEFAULT nextval('message_seq_id')",
    "CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY)",
    "DELETE FROM alembic_version",
    f"INSERT INTO alembic_version VALUES ('{HEAD}')",  # noqa: S608 - a constant
)


def main(words: list[str]) -> int:
    """Bring the database of `LETTA_PG_URI` to the head."""
    if words != ["upgrade", "head"]:
        sys.stderr.write(f"alembic {' '.join(words)}: here only `upgrade head` is known\n")
        return 2
    from alembic.config import Config  # type: ignore[import-not-found]
    from letta.database_utils import (  # type: ignore[import-not-found]
        get_database_uri_for_context,
    )
    from letta.orm import Base  # type: ignore[import-not-found]
    from letta.settings import DatabaseChoice, settings  # type: ignore[import-not-found]
    from sqlalchemy import create_engine, text  # type: ignore[import-not-found]

    if settings.database_engine is not DatabaseChoice.POSTGRES:
        sys.stderr.write("alembic: no URI of a PostgreSQL is given; a file would be migrated\n")
        return 1
    configuration = Config()
    uri = get_database_uri_for_context(settings.letta_pg_uri, "alembic")
    configuration.set_main_option("sqlalchemy.url", uri)
    print(f"Using database: {configuration.get_main_option('sqlalchemy.url')}")
    print("No migration scripts in the wheel: making the schema from its metadata")
    engine = create_engine(configuration.get_main_option("sqlalchemy.url"))
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        for statement in BY_MIGRATIONS_ALONE:
            connection.execute(text(statement))
    print(f"{len(Base.metadata.tables)} tables at revision {HEAD}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
