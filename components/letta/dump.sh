#!/bin/sh
# Dumps the database of LETTA_PG_URI into DUMP_SCRATCH: <time>.dump, in PostgreSQL's custom format,
# and <time>.json, which says what a restored copy must hold. Both are of one snapshot.
#
# Runs in PostgreSQL's own image; the client must be of the server's major version, 16 or later.
# Environment: LETTA_PG_URI, DUMP_SCRATCH (an empty folder), DUMP_SECONDS (longest run).
set -eu
umask 077

# The password reaches the clients by the environment: a command line can be read by others.
rest=${LETTA_PG_URI#postgresql://}
login=${rest%%@*}
place=${rest#*@}
address=${place%%/*}
export PGUSER="${login%%:*}" PGPASSWORD="${login#*:}"
export PGHOST="${address%:*}" PGPORT="${address##*:}" PGDATABASE="${place#*/}"
export PGSSLMODE="${PGSSLMODE:-require}" PGCONNECT_TIMEOUT=30 PGAPPNAME=letta-dump
unset LETTA_PG_URI

cd "$DUMP_SCRATCH"
# One limit for all of it. What a step that is ended leaves running goes with the container.
timeout "$DUMP_SECONDS" sh -eu <<'STEPS' || { echo "no dump (within $DUMP_SECONDS s)" >&2; exit 1; }
# Rows are counted in the transaction whose snapshot pg_dump reads.
psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 >contents <<'SQL'
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv DUMP_SNAPSHOT :snapshot
\! pg_dump --format=custom --snapshot="$DUMP_SNAPSHOT" --lock-wait-timeout=60s --file=unfinished && mv unfinished finished
\if :SHELL_ERROR
\warn 'pg_dump failed'
\quit
\endif
SELECT string_agg(format('SELECT %L AS name, count(*) AS rows FROM %I.%I', tablename, schemaname,
                         tablename), ' UNION ALL ') AS counted
  FROM pg_tables WHERE schemaname = 'public' \gset
SELECT json_build_object(
  'taken_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'server_version', current_setting('server_version'),
  'schema_head', (SELECT version_num FROM alembic_version),
  'rows', (SELECT json_object_agg(name, rows ORDER BY name) FROM (:counted) AS counts));
SQL

# Reads the whole of it: a dump that cannot be read is not handed on.
pg_restore --file=/dev/null finished </dev/null
time=$(sed -n 's/.*"taken_at" : "\([^"]*\)".*/\1/p' contents | tr -d ':-')
printf '{"sha256": "%s", "bytes": %s, "contents": %s}\n' \
  "$(sha256sum finished | cut -d' ' -f1)" "$(wc -c <finished | tr -d ' ')" "$(cat contents)" \
  >"$time.json"
mv finished "$time.dump"
rm contents
echo "dump $time: $(wc -c <"$time.dump" | tr -d ' ') bytes"
STEPS
