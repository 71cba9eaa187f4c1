"""The project's virtual environment, `.venv`, made from a lock by uv."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from infra import platforms
from tools.setup.common import (
    ROOT,
    UserError,
    cache_directory,
    digest,
    exclusive,
    platform_tag,
    say,
)

DEVELOPMENT: Final = "development"
LOCKS: Mapping[str, str] = {
    DEVELOPMENT: "requirements-dev.lock",
    **{
        cloud: "requirements.lock" if cloud == platforms.DEFAULT else f"requirements-{cloud}.lock"
        for cloud in platforms.CLOUDS
    },
}
"""What an environment is for -> the lock it is made from: one with every SDK for tests, and one
for each cloud with that cloud's alone."""
VENV = ROOT / ".venv"
STAMP = VENV / "letta-cloud.json"
"""Says which locks the environment answers to. Written last: without it the work is not done."""

HERE = Path(__file__).resolve().parent
UV_REQUIREMENTS = HERE / "uv-requirements.txt"
BUILD_CONSTRAINTS = HERE / "build-constraints.txt"


def ensure(purpose: str) -> Path:
    """The environment's folder of programs, after installing what is missing for a cloud or for
    development.

    The development lock holds everything that the others hold, in the same versions: an
    environment made for tests also serves to deploy, and stays one for tests. One that served
    another cloud goes on to.

    Raises `UserError` where `.venv` is a link: what it points to is another's environment.
    """
    if VENV.is_symlink():
        raise UserError(
            f"{VENV} is a link to {VENV.resolve()}, and installing here would change or empty "
            "that environment. Remove the link (what it points to stays) and run this again; "
            "an environment of this checkout's own is then made."
        )
    if _needed(purpose):
        with exclusive(_lock_file(), "installing the Python packages"):
            needed = _needed(purpose)
            if needed:
                _install(needed)
    return VENV / "bin"


def _needed(purpose: str) -> tuple[str, ...]:
    """What to install the locks of so that the environment serves a purpose; nothing if it does."""
    stamp: dict[str, str] = {}
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    if stamp.get(purpose) == _wanted()[purpose] and (VENV / "bin" / "python").exists():
        return ()
    if DEVELOPMENT in (purpose, *stamp):
        return (DEVELOPMENT,)
    return tuple(each for each in LOCKS if each in (purpose, *stamp))


def _lock_file() -> Path:
    return cache_directory() / "locks" / f"venv-{digest(os.fsencode(ROOT))}.lock"


def _wanted() -> dict[str, str]:
    """What an environment made now from each lock would be stamped with."""
    # The programs of an environment name its folder: one that was moved or copied is not fresh.
    common = [os.fsencode(VENV), (ROOT / "pyproject.toml").read_bytes()]
    common.append(BUILD_CONSTRAINTS.read_bytes())
    return {kind: digest((ROOT / file).read_bytes(), *common) for kind, file in LOCKS.items()}


def _install(purposes: tuple[str, ...]) -> None:
    uv = uv_program()
    python = VENV / "bin" / "python"
    locks = [LOCKS[purpose] for purpose in purposes]
    say(f"Installing the Python packages of {' and '.join(locks)} into .venv ...")
    STAMP.unlink(missing_ok=True)
    if not _is_sound():
        # --seed leaves pip in: the official language host runs `python -m pip list`.
        run([uv, "venv", "--quiet", "--clear", "--seed", "--python", _base_python(), VENV])
    pip = (uv, "pip", "--quiet")
    exactly = ("sync", "--require-hashes", "--compile-bytecode")
    run([*pip, *exactly, "--python", python, *(ROOT / lock for lock in locks)])
    project = ("--no-deps", "--build-constraints", BUILD_CONSTRAINTS, "--editable", ROOT)
    run([*pip, "install", "--python", python, *project])
    wanted = _wanted()
    served = LOCKS if DEVELOPMENT in purposes else purposes
    STAMP.write_text(json.dumps({each: wanted[each] for each in served}), encoding="utf-8")


def _base_python() -> str:
    """The interpreter under this one, should this one be `.venv` itself."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _is_sound() -> bool:
    """Whether the environment was made here, with pip, and its interpreter still starts."""
    program = VENV / "bin" / "pip"
    if not program.is_file() or str(VENV) not in program.read_text(encoding="utf-8"):
        return False
    try:
        return subprocess.run([VENV / "bin" / "python", "-c", ""], check=False).returncode == 0
    except OSError:
        return False


def uv_program() -> Path:
    """The pinned uv, fetched once into the cache with the machine's pip."""
    pinned = UV_REQUIREMENTS.read_bytes()
    folder = cache_directory() / "uv" / f"{digest(pinned)}-{platform_tag()}"
    program = folder / "bin" / "uv"
    if program.exists():
        return program
    with exclusive(folder.parent / "uv.lock", "fetching uv"):
        if program.exists():
            return program
        say("Fetching uv, the installer of Python packages ...")
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as workshop:
            target = Path(workshop) / "uv"
            options = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps")
            what = ("--target", target, "--requirement", UV_REQUIREMENTS)
            run([*_pip(Path(workshop)), "install", *options, *what])
            shutil.rmtree(folder, ignore_errors=True)
            target.rename(folder)
    return program


def _pip(workshop: Path) -> list[str | Path]:
    """A pip to fetch uv with: the interpreter's own, else one in a throw-away environment."""
    python = _base_python()
    if importlib.util.find_spec("pip") is not None:
        return [python, "-m", "pip"]
    if importlib.util.find_spec("ensurepip") is None:
        raise UserError(
            f"{python} has neither pip nor venv. Install them (Debian, Ubuntu: "
            "`apt-get install python3-venv`) and run this again."
        )
    run([python, "-m", "venv", workshop / "venv"])
    return [workshop / "venv" / "bin" / "python", "-m", "pip"]


def run(command: Sequence[str | Path]) -> None:
    """Run an installer, which says itself what goes wrong."""
    status = subprocess.run(
        command, cwd=ROOT, env=_environment(), stdout=sys.stderr.fileno(), check=False
    ).returncode
    if status != 0:
        program = " ".join(map(str, command[:3]))
        raise UserError(f"`{program} ...` failed with exit status {status}; its output is above")


def _environment() -> dict[str, str]:
    """The environment of the installers, in which uv uses the registry that pip is set up for."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    # What pip installs here goes into a folder of the cache, whoever runs it.
    environment |= {"PIP_REQUIRE_VIRTUALENV": "0", "PIP_ROOT_USER_ACTION": "ignore"}
    # A network with a certificate authority of its own puts it there, as for git and Go.
    environment.setdefault("UV_SYSTEM_CERTS", "true")
    index = environment.get("PIP_INDEX_URL") or _pip_setting("global.index-url")
    if index and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & environment.keys():
        environment["UV_DEFAULT_INDEX"] = index
    return environment


def _pip_setting(name: str) -> str:
    """A value of pip's own configuration files; empty if it is not set or there is no pip."""
    question = [_base_python(), "-m", "pip", "config", "get", name]
    return subprocess.run(question, capture_output=True, text=True, check=False).stdout.strip()
