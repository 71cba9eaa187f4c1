"""What the toy tables name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.cloud import Cloud, Properties
from sandbox.errors import Problem


def doubled(properties: Properties, cloud: Cloud) -> int:
    return int(properties["size"] * 2)


def no_forbidden_name(properties: Properties, cloud: Cloud) -> Iterator[Problem]:
    for _, name in properties.find("names[*]"):
        if name == "forbidden":
            yield Problem("names", f"{name!r} is forbidden: use another")


def network_has_room(properties: Properties, cloud: Cloud) -> Iterator[Problem]:
    network = cloud.find("toy:index/network:Network", "id", properties["network"])
    if network is None:
        return
    others = [
        host
        for host in cloud.all("toy:index/host:Host")
        if host.get("network") == network.id and host.id != properties["id"]
    ]
    if len(others) >= network.get("size"):
        yield Problem("network", f"{network.id} is full: it has {len(others)} hosts")


def does_not_shrink(old: Properties, new: Properties, cloud: Cloud) -> Iterator[Problem]:
    if new["size"] is not None and old["size"] is not None and new["size"] < old["size"]:
        yield Problem("size", f"{new['size']} is less than {old['size']}: a host cannot shrink")


def grown_by_itself(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return bool(new.get("autoGrow") and (old.get("size") or 0) > (new.get("size") or 0))


def code_of_hosts(properties: Properties, cloud: Cloud) -> str | None:
    hosts = cloud.all("toy:index/host:Host")
    found = [host.get("settings") for host in hosts if host.get("network") == properties["id"]]
    return next((settings for settings in found if settings), None)


def same_word(old: str, new: str) -> bool:
    return old.replace("-", "") == new.replace("-", "")


def total(arguments: Properties, cloud: Cloud) -> dict[str, Any]:
    return {"total": sum(arguments["numbers"])}
