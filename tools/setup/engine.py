"""The Pulumi engine: an official release where there is one, else built from its Go modules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.setup.common import (
    ROOT,
    UserError,
    cache_directory,
    digest,
    exclusive,
    platform_tag,
    say,
    xdg_directory,
)
from tools.setup.progress import Progress, run_counted

SOURCE = ROOT / "tools" / "engine"
CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
LANGUAGE_HOST = "pulumi-language-python"
STARTER = "pulumi-language-python-exec"

Version = tuple[int, int, int]
NEXT_MAJOR: Version = (4, 0, 0)
"""The SDK packages ask for `pulumi<4`."""


def sdk_version() -> Version:
    """The locked SDK's version: an engine must not be older than the SDK that talks to it."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    version = parse_version(next((w for w in lock.split() if w.startswith("pulumi==")), ""))
    if version is None:
        raise UserError("requirements.lock names no version of pulumi; is the checkout complete?")
    return version


def parse_version(text: str) -> Version | None:
    """The version in `v3.250.0`, `v3.251.0-alpha.1` or `pulumi==3.250.0`."""
    found = re.fullmatch(r"(?:v|pulumi==)(\d+)\.(\d+)\.(\d+)\S*", text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def dotted(version: Version) -> str:
    return ".".join(map(str, version))


def ensure() -> Path:
    """The directory that holds a usable `pulumi`, building it if need be."""
    ready = find()
    return ready if ready is not None else build()


def find() -> Path | None:
    """The directory of an official `pulumi` that fits, or of one built before; else None."""
    official = next((d for d in _path_directories() if _misfit(d) is None), None)
    if official is not None:
        return official
    return _built() if _is_complete(_built()) else None


def _path_directories() -> Iterable[Path]:
    """The directories of PATH, without the ones that this project itself puts there."""
    own = (xdg_directory("XDG_STATE_HOME", ".local/state"), cache_directory())
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        directory = Path(entry)
        if entry and not any(directory.is_relative_to(folder) for folder in own):
            yield directory


def _misfit(directory: Path) -> str | None:
    """Why the `pulumi` in a directory cannot be used; None if it can."""
    program = directory / "pulumi"
    if not os.access(program, os.X_OK) or not program.is_file():
        return "not there"
    try:
        answer = subprocess.run(
            [program, "version"], capture_output=True, text=True, timeout=30, check=False
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run ({error})"
    version = parse_version(answer)
    if version is None:
        return f"answers {answer[:40]!r} when asked for its version"
    if not sdk_version() <= version < NEXT_MAJOR:
        return f"is {answer}; at least v{dotted(sdk_version())} and below v4 is needed"
    # The release has the host beside the program; a package manager may leave a link there.
    if not (program.resolve().parent / LANGUAGE_HOST).exists() and not shutil.which(LANGUAGE_HOST):
        return f"comes without {LANGUAGE_HOST}"
    return None


def _built() -> Path:
    """Where the build of exactly these sources for this platform is kept."""
    sources = [SOURCE / name for name in ("go.mod", "go.sum", "main.go")]
    key = digest(*(file.read_bytes() for file in sources))
    return cache_directory() / "engine" / f"{dotted(sdk_version())}-{key}-{platform_tag()}"


def _is_complete(directory: Path) -> bool:
    """A build gets its name only when whole; the look inside guards against a cleaned cache."""
    names = ("pulumi", LANGUAGE_HOST, STARTER)
    return all((directory / name).is_file() for name in names)


def build() -> Path:
    """Build CLI and language host with Go into the cache, and return their directory.

    Raises `UserError` if there is no Go or the build fails. Whatever ends the build, the cache
    holds a whole engine or none.
    """
    go = shutil.which("go")
    if go is None:
        raise UserError(_no_engine())
    target = _built()
    with exclusive(target.parent / "build.lock", "building the engine"):
        if _is_complete(target):
            return target
        for leftover in target.parent.glob(".building-*"):
            shutil.rmtree(leftover)
        for reason in _unfit_releases():
            say(reason)
        say(f"Building the Pulumi engine v{dotted(sdk_version())} with Go; some minutes, once.")
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as workshop:
            product = Path(workshop) / "bin"
            product.mkdir()
            _compile(go, product)
            if not _is_complete(product):
                raise UserError(f"the build of the engine left no {LANGUAGE_HOST} or pulumi")
            shutil.rmtree(target, ignore_errors=True)
            product.rename(target)
    say(f"The engine is ready: {target}")
    return target


def _compile(go: str, product: Path) -> None:
    # No C compiler is asked for, and a workspace file above the checkout must not steer the build.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
    flags = ["-trimpath", "-mod=readonly"]

    def run(*arguments: str, progress: Progress, is_step: Callable[[str], bool]) -> str:
        return run_counted(
            [go, *arguments],
            cwd=SOURCE,
            environment=environment,
            progress=progress,
            is_step=is_step,
        )

    packages = run(
        *("list", *flags, "-deps", ".", CLI_PACKAGE),
        progress=Progress("Go modules downloaded"),
        is_step=lambda line: line.startswith("go: downloading "),
    )
    stamp = f"-s -w -X {SDK_MODULE}/go/common/version.Version=v{dotted(sdk_version())}"
    run(
        *("build", "-v", *flags, "-ldflags", stamp, "-o", f"{product}{os.sep}", ".", CLI_PACKAGE),
        progress=Progress("packages compiled", total=len(packages.split())),
        is_step=lambda line: " " not in line,
    )
    sdk = run(
        *("list", *flags, "-m", "-f", "{{.Dir}}", SDK_MODULE),
        progress=Progress("lines"),
        is_step=lambda _: False,
    ).strip()
    shutil.copyfile(Path(sdk) / "python" / "cmd" / STARTER, product / STARTER)
    (product / STARTER).chmod(0o755)


def _unfit_releases() -> list[str]:
    """A sentence for each `pulumi` on PATH that cannot be used."""
    found = ((d / "pulumi", _misfit(d)) for d in _path_directories() if (d / "pulumi").is_file())
    return [f"{program} {reason}." for program, reason in found if reason]


def _no_engine() -> str:
    need = f"an official pulumi (v{dotted(sdk_version())} or newer, below v4)"
    lines = [f"there is no engine: neither {need} nor Go is on PATH.", *_unfit_releases()]
    return "\n".join(
        [
            *lines,
            "Install one of the two and run this again:",
            "  https://www.pulumi.com/docs/iac/download-install/",
            "  https://go.dev/doc/install  (the engine is then built from its public Go modules)",
        ]
    )
