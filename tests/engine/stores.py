"""What of a stack holds data or opens it, and what of that a change has lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.engine.clouds import told

RANDOM = ("random:index/randomPassword:RandomPassword", "random:index/randomId:RandomId")
"""Passwords, and what names of archives end in."""

Stores = dict[str, tuple[str, str]]
"""URN -> the provider's name of it, and when it was made."""


def kept(exported: Mapping[str, Any], cloud: str) -> Stores:
    """What must outlive every change, of a state as `pulumi stack export` prints it."""
    types = {*told(cloud).data, *RANDOM}
    return {
        each["urn"]: (each["id"], each["created"])
        for each in exported["deployment"]["resources"]
        if each["type"] in types
    }


def lost(before: Stores, after: Stores) -> list[str]:
    """URNs of what is gone, or is another one than it was."""
    return sorted(urn for urn, identity in before.items() if after.get(urn) != identity)
