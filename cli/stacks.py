"""Stack files: whether they are there, and the copies of them that the engine may write to.

A stack file without an `encryptionsalt` makes the engine write one into it. The engine is therefore
given a copy outside the repository, with the salt of this checkout's sandbox in it, and the
committed file stays as it is.
"""

from __future__ import annotations

import re
from pathlib import Path

from cli.state import State
from infra import checkout, platforms
from tools.setup.common import ROOT, UserError, digest

_ENCRYPTION_KEY = re.compile(r"^(encryptionsalt|secretsprovider|encryptedkey)\s*:", re.MULTILINE)
_FLOW_MAPPING = re.compile(r"\A((?:\s|#.*\n)*)\{")


def require_stack(stack: str) -> None:
    """Raise `UserError` unless the stack has a file."""
    if stack not in checkout.names():
        files = " or ".join(str(file.relative_to(ROOT)) for file in checkout.places(stack))
        raise UserError(
            f"there is no stack {stack!r} (no file {files}); "
            f"the stacks are: {', '.join(checkout.names())}"
        )


def require_cloud(cloud: str) -> None:
    """Raise `UserError` unless stacks can be deployed to the cloud."""
    if cloud not in platforms.CLOUDS:
        known = ", ".join(platforms.CLOUDS)
        raise UserError(f"there is no cloud {cloud!r}; the clouds are: {known}")


def copy_of(state: State, file: Path) -> Path:
    """Where the engine's copy of a stack file is kept; files of one name do not meet there."""
    return state.stack_copies / digest(bytes(file.resolve().parent)) / file.name


def refresh_copy(state: State, file: Path) -> Path:
    """Write the engine's copy of a stack file anew, and return its path.

    A file that is not there counts as empty.
    """
    text = file.read_bytes().decode(errors="surrogateescape") if file.exists() else ""
    copy = copy_of(state, file)
    copy.parent.mkdir(parents=True, exist_ok=True)
    state.write_private(copy, salted(text, state.salt()).encode(errors="surrogateescape"))
    return copy


def salted(text: str, salt: str) -> str:
    """A stack file's text with the salt, unless it already says how its secrets are kept."""
    if not salt or _ENCRYPTION_KEY.search(text):
        return text
    if _FLOW_MAPPING.match(text):
        return _FLOW_MAPPING.sub(rf'\g<1>{{encryptionsalt: "{salt}", ', text)
    # At the end: the line numbers of the engine's messages stay those of the user's file.
    body = f"{text.rstrip()}\n" if text.strip() else ""
    return f"{body}encryptionsalt: {salt}\n"
