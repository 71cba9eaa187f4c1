"""Programs that no registry of packages has: from the system's own packages, where set-up may."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from tools.setup.common import cache_directory, exclusive
from tools.setup.environment import run

SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where Debian keeps programs such as nginx, and which are not on every user's PATH."""
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--quiet")


def search_path() -> str:
    """The caller's PATH, and behind it the folders that it may lack."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS])


def missing(programs: Sequence[str]) -> list[str]:
    """Those that are not on the search path."""
    return [name for name in programs if shutil.which(name, path=search_path()) is None]


def can_install() -> bool:
    """Whether this is a Debian whose packages this user may install."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install(packages: Sequence[str]) -> None:
    """Install packages and nothing that they only recommend. Raises `UserError`."""
    with exclusive(cache_directory() / "locks" / "apt.lock", "installing Debian packages"):
        run([*APT, "update"])
        run([*APT, "install", "--yes", "--no-install-recommends", *packages])
