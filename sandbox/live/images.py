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

from sandbox.live import make_schema, run_caddy

LETTA = "letta/letta:0.16.4"
AUTHORITY = "/data/caddy/pki/authorities/local/root.crt"
"""Where Caddy keeps the certificate of its own authority (Caddy manual, "Automatic HTTPS")."""


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


def images(letta: Path) -> tuple[Image, ...]:
    """All that can be run. `letta`: programs of an environment made from the server's wheel."""
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
    )


def _make_schema(_address: str) -> str:
    # -P: beside the script lie modules with the names of packages that it needs.
    return f'exec python -P {shlex.quote(make_schema.__file__)} "$@"'


def _bound_redis(address: str) -> str:
    # It would take its port on every address of the machine.
    return f'exec {_next("redis-server")} "$@" --bind {address}'


def _caddy(address: str) -> str:
    words = [sys.executable, "-P", run_caddy.__file__, address]
    return f'exec {shlex.join(words)} "$@"'


def _next(program: str) -> str:
    """The program of that name behind the folder of stand-ins."""
    return f'"$(PATH="${{PATH#*:}}" command -v {program})"'
