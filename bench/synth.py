"""The AWS CDK's way to a stack like medium: its environment, kept in the cache, and `cdk synth`."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from bench.processes import Command
from tools.setup.common import cache_directory, digest, exclusive, platform_tag
from tools.setup.environment import run, uv_program

HERE = Path(__file__).parent / "cdk"
PYTHON_LOCK, NODE_FILES = "requirements.lock", ("package.json", "package-lock.json")
TEMPLATE = "letta-medium.template.json"


def environment() -> Path:
    """The folder of the pinned CDK, after installing what is missing. Needs npm.

    Raises `UserError` if an installer fails.
    """
    pinned = [(HERE / name).read_bytes() for name in (PYTHON_LOCK, *NODE_FILES)]
    folder = cache_directory() / "bench-cdk" / f"{digest(*pinned)}-{platform_tag()}"
    with exclusive(folder.parent / "lock", "installing the AWS CDK"):
        if not folder.exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".installing-") as workshop:
        made = Path(workshop) / "made"
        made.mkdir()
        for name in NODE_FILES:
            shutil.copy(HERE / name, made)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        run(["npm", "ci", *quiet, "--prefix", made])
        uv, python = uv_program(), made / "venv" / "bin" / "python"
        run([uv, "venv", "--quiet", "--python", sys.executable, made / "venv"])
        exactly = ("sync", "--quiet", "--require-hashes", "--compile-bytecode")
        run([uv, "pip", *exactly, "--python", python, HERE / PYTHON_LOCK])
        made.rename(folder)


def command(folder: Path, output: Path) -> Command:
    """`cdk synth` of the stack, from the environment in `folder` into `output`."""
    app = f"{folder / 'venv' / 'bin' / 'python'} {HERE / 'app.py'}"
    options = ("--quiet", "--no-notices", "--app", app, "--output", output)
    return Command(
        words=[folder / "node_modules" / ".bin" / "cdk", "synth", *options],
        cwd=output.parent,
        environment={**os.environ, "CDK_DISABLE_CLI_TELEMETRY": "true"},
    )


def resources(output: Path) -> int:
    """How many resources the synthesised template has."""
    template = json.loads((output / TEMPLATE).read_text(encoding="utf-8"))
    return len(template["Resources"])
