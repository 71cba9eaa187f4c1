"""Objects by the several spellings in which others name them."""

from __future__ import annotations

from sandbox.cloud import CloudObject
from sandbox.gcp.checks.links import same
from sandbox.live.spec import LiveError, Objects
from sandbox.values import Value


def linked(objects: Objects, type_token: str, link: Value) -> CloudObject:
    """The object of a type that a link leads to. Raises LiveError."""
    for item in objects.all(type_token):
        if link in (item.id, item.get("selfLink"), item.get("name")) or same(link, item.id):
            return item
    raise LiveError(f"the stack has no {type_token} that is called {link}")
