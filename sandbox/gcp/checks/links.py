"""Names of objects, which the API takes in several spellings."""

from __future__ import annotations


def same(old: str, new: str) -> bool:
    """Whether two spellings, `https://…/projects/…`, `projects/…` or the bare name, agree."""
    return tail(old) == tail(new)


def tail(link: str) -> str:
    """The last part of a resource name."""
    return link.rpartition("/")[2]
