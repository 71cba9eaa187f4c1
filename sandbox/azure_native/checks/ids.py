"""Resource ids: what they name, and whether it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import CloudObject, Properties

GROUP = "azure-native:resources:ResourceGroup"
_NAME = re.compile(r"\{[^{}]*\}")


def tail(resource_id: str) -> str:
    """The last part of an id: the object's own name."""
    return resource_id.rpartition("/")[2]


def kind(resource_id: str) -> str:
    """`Microsoft.Network/virtualNetworks/subnets` of a subnet's id."""
    provider, *rest = resource_id.rpartition("/providers/")[2].split("/")
    return "/".join((provider, *rest[::2]))


@cache
def tokens() -> Mapping[str, str]:
    """Kind in an id, in small letters -> type token of what has such ids."""
    from sandbox.packages import package  # the package names this module in its tables

    home = package("azure-native")
    return {
        kind(_NAME.sub("x", str(table.id))).lower(): token
        for module in home.modules()
        for token, table in home.tables(module).resources.items()
        if "/providers/" in str(table.id)
    }


def named(resource_id: str, cloud: AzureCloud) -> CloudObject | None:
    """The object of that id, if it is there."""
    token = tokens().get(kind(resource_id).lower())
    return cloud.find(token, "id", resource_id) if token else None


def within(resource_id: str, scope: str) -> bool:
    """Whether an id is the scope, or lies in it."""
    given, around = resource_id.lower(), scope.lower().rstrip("/")
    return given == around or given.startswith(f"{around}/")


def inside(properties: Properties, cloud: AzureCloud) -> Iterator[CloudObject]:
    """What goes with an object: all whose ids lie in its own."""
    own = properties["id"]
    for item in cloud.everything():
        if item.id != own and within(item.id, own):
            yield item
