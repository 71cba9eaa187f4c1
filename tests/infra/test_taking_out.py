"""A cloud is its own packages and one name in a table: without them the rest stands."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import checkout, platforms

ROOT = Path(__file__).parents[2]
NEUTRAL = {"kubernetes": ("policies/facts/kubernetes", "sandbox/kubernetes", "docs/kubernetes.md")}
"""What bears a cloud's name and is every cloud's: facts and objects of Kubernetes."""
FOLDERS = ("infra", "components", "policies", "pricing", "cli", "sandbox", "stacks")
OTHERS = platforms.CLOUDS[1:]
TABLE = "infra/platforms.py"
EXTRAS = "pyproject.toml"
"""Where a cloud's SDK has its line, which pip reads."""
OF_MODELS = {
    "azure": (
        "components/letta/providers.py",
        "tests/components/letta/test_providers.py",
        "tests/infra/test_serving.py",
        "tests/pricing/test_tariffs_models.py",
        "tests/pricing/variants.py",
    )
}
"""Files that name a provider of language models, who has a cloud too."""
A_WORD = ("aws", "kubernetes")
"""Names that are looked for nowhere: the first cloud is meant where none is named, and
`kubernetes` is also what servers run on, on any cloud."""


def _own(path: Path, cloud: str) -> bool:
    """Whether a file of the project is a cloud's own: its name, or that of a folder, says so."""
    neutral = any(path.is_relative_to(one) for one in NEUTRAL.get(cloud, ()))
    named = re.search(rf"(^|[/_.-]){cloud}([/_.-]|$)", path.as_posix())
    return bool(named) and not neutral


def _files() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for line in listed.splitlines():
        if (ROOT / line).is_file():
            yield Path(line)


def _said(path: Path) -> str:
    """What a file does; of Python without comments and docstrings."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.suffix != ".py":
        return re.sub(r"(^|\s)#.*", "", text)
    kept, fresh = [], True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        said = token.type == tokenize.COMMENT or (fresh and token.type == tokenize.STRING)
        if not said:
            kept.append(token.string)
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            # A text that begins a line is one that nobody reads but people.
            fresh = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    return " ".join(kept)


CODE = (".py", ".sh", ".yaml", ".toml", "")
"""Endings of files that do something; pages tell of clouds as they like."""


@pytest.mark.parametrize("cloud", [cloud for cloud in OTHERS if cloud not in A_WORD])
def test_a_cloud_is_named_in_the_table_and_in_its_own_files_alone(cloud: str) -> None:
    naming = {
        path.as_posix()
        for path in _files()
        if path.suffix in CODE
        # A chart is somebody else's text, kept as it came.
        and "charts" not in path.parts
        and not _own(path, cloud)
        and path != Path(__file__).relative_to(ROOT)
        and re.search(rf"(?<![\w:]){cloud}(?![\w])", _said(path))
    }
    assert naming - {*OF_MODELS.get(cloud, ())} == {TABLE, EXTRAS}


WITHOUT = """
import importlib, pkgutil, sys
from pathlib import Path

for folder in ("infra", "components", "policies", "pricing", "cli", "sandbox"):
    for found in pkgutil.walk_packages([folder], f"{folder}."):
        if not found.name.endswith(("__main__", "_script")):
            importlib.import_module(found.name)

from infra import checkout, platforms
from pricing import stack
from sandbox.packages import NAMES, package
for cloud in platforms.CLOUDS:
    platforms.platform(cloud)
    importlib.import_module(f"policies.facts.{cloud}.reader")
for name in checkout.names():
    stack.load_stack(checkout.file(name))
for name in NAMES:
    package(name)
print(*platforms.CLOUDS)
print(*checkout.names())
"""


@pytest.mark.parametrize("cloud", OTHERS)
def test_without_a_cloud_all_the_others_load(cloud: str, tmp_path: Path) -> None:
    for path in _files():
        if (path.parts[0] in FOLDERS or len(path.parts) == 1) and not _own(path, cloud):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
    table = tmp_path / TABLE
    text = table.read_text(encoding="utf-8")
    changed = text.replace(f', "{cloud}"', "")
    assert changed != text
    table.write_text(changed, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    clouds, stacks = (line.split() for line in done.stdout.splitlines())
    assert clouds == [one for one in platforms.CLOUDS if one != cloud]
    assert stacks == [name for name in checkout.names() if checkout.cloud_of(name) != cloud]
