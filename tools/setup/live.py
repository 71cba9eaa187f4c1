"""What the live sandbox runs: the server's environment, PostgreSQL, Redis, nginx, Caddy, stunnel.

Made only when it is asked for. The environment is kept in the cache, apart from `.venv`: the
server's packages are older than the project's and clash with them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.setup import debian
from tools.setup.common import (
    ROOT,
    UserError,
    cache_directory,
    digest,
    exclusive,
    platform_tag,
    say,
)
from tools.setup.environment import HERE, run, uv_program

LOCK = ROOT / "requirements-live.lock"
REQUIREMENTS = HERE / "live-requirements.txt"
OVERRIDES = HERE / "live-overrides.txt"
AS_OF = "2026-01-31"
"""The server's packages are those of two days after its release."""
PYTHON = "3.11"
"""What the image's packages are locked for."""
PROGRAMS = {
    "caddy": "caddy",
    "nginx": "nginx-light",
    "openssl": "openssl",
    "redis-server": "redis-server",
    "stunnel": "stunnel4",
}
"""Program -> Debian's package of it."""


def ensure() -> Path:
    """The environment's folder, after installing what is missing. Raises `UserError`."""
    _ensure_programs()
    folder = environment()
    if not is_made(folder):
        with exclusive(folder.parent / "live.lock", "installing the server's packages"):
            if not is_made(folder):
                _install(folder)
    return folder


def environment() -> Path:
    """Where the environment is once it is made."""
    return cache_directory() / "live" / f"{digest(LOCK.read_bytes())}-{platform_tag()}"


def is_made(folder: Path) -> bool:
    """Whether an environment is there, whole."""
    return _stamp(folder).exists()


def _stamp(folder: Path) -> Path:
    """Written last: without it the work is not done."""
    return folder / "letta-cloud.done"


def _install(folder: Path) -> None:
    uv = uv_program()
    say(f"Installing the server's packages of {LOCK.name}, 1.1 GB ...")
    shutil.rmtree(folder, ignore_errors=True)
    run([uv, "venv", "--quiet", "--python", PYTHON, folder])
    exactly = ("sync", "--quiet", "--require-hashes", "--compile-bytecode")
    run([uv, "pip", *exactly, "--python", folder / "bin" / "python", LOCK])
    _stamp(folder).touch()


def packages(folder: Path) -> Path:
    """Where an environment keeps its packages."""
    return folder / "lib" / f"python{PYTHON}" / "site-packages"


def _ensure_programs() -> None:
    missing = debian.missing(tuple(PROGRAMS))
    if missing and debian.can_install():
        say(f"Installing {', '.join(missing)}, which the live sandbox runs ...")
        debian.install([PROGRAMS[name] for name in missing])
        missing = debian.missing(tuple(PROGRAMS))
    if missing:
        wanted = " ".join(PROGRAMS[name] for name in missing)
        raise UserError(
            f"the live sandbox needs {', '.join(missing)} on PATH. Install them (Debian, Ubuntu: "
            f"`sudo apt-get install --no-install-recommends {wanted}`) and run this again."
        )


def lock() -> None:
    """Write the lock anew. Its packages stay those of `AS_OF`, whenever it is written."""
    run(
        [
            *(uv_program(), "pip", "compile", "--quiet", "--universal", "--python-version", PYTHON),
            *("--exclude-newer", AS_OF, "--override", OVERRIDES.relative_to(ROOT)),
            *("--generate-hashes", "--no-emit-index-url", "--no-header"),
            *(REQUIREMENTS.relative_to(ROOT), "--output-file", LOCK.relative_to(ROOT)),
        ]
    )
