"""Names of objects, which the API takes in several spellings."""

from __future__ import annotations

from sandbox.values import Value


def same(old: Value, new: Value) -> bool:
    """Whether two spellings, `https://…/projects/…`, `projects/…` or the bare name, agree."""
    return isinstance(old, str) and isinstance(new, str) and tail(old) == tail(new)


def tail(link: str) -> str:
    """The last part of a resource name."""
    return link.rpartition("/")[2]
