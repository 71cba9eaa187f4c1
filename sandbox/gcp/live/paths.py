"""Path templates of URL maps as regular expressions."""

from __future__ import annotations

import re

from sandbox.live.spec import LiveError

_PART = re.compile(r"\*\*|\*|\{[a-z_]+=\*\*\}|\{[a-z_]+(?:=\*)?\}|[^*{}]+")
_REST = re.compile(r"\*\*|\{[a-z_]+=\*\*\}")


def expression(template: str) -> str:
    """`*` and a name are one segment, `**` is whatever follows (Cloud Load Balancing documentation,
    "Wildcards and pattern matching operators in path templates"). Raises LiveError."""
    found = _PART.findall(template)
    if "".join(found) != template:
        raise LiveError(f"{template} is a path template that is not known here")
    return "".join(
        ".*" if _REST.fullmatch(part) else "[^/]+" if part[0] in "*{" else re.escape(part)
        for part in found
    )
