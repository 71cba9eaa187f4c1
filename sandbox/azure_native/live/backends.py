"""What stands behind an application gateway: apps by their names, or a cluster's addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.azure_native.live import apps
from sandbox.cloud import CloudObject
from sandbox.live.load_balancer_spec import unsupported
from sandbox.live.spec import Objects

GATEWAY = "azure-native:network:ApplicationGateway"
_Spec = Mapping[str, Any]


def group(gateway: CloudObject, pool: str) -> str:
    """What a gateway calls those in one of its pools."""
    return f"{gateway.id}/backendAddressPools/{pool}"


def member(gateway: CloudObject, pool: _Spec) -> _Spec:
    """The one address of a pool. Raises UnsupportedLoadBalancerError."""
    addresses: list[_Spec] = pool.get("backendAddresses") or []
    if len(addresses) != 1:
        raise unsupported(gateway, f"backendAddressPools.{pool['name']}", addresses, "one address")
    return addresses[0]


def app_of(objects: Objects, gateway: CloudObject, pool: _Spec) -> CloudObject | None:
    """The app behind a pool; None for a cluster."""
    name = member(gateway, pool).get("fqdn")
    return next((app for app in objects.all(apps.APP) if apps.host(objects, app) == name), None)


def groups_of(app: CloudObject, objects: Objects) -> Iterator[str]:
    """What gateways call the copies of an app."""
    for gateway, pool in _pools(objects):
        if app_of(objects, gateway, pool) == app:
            yield group(gateway, pool["name"])


def addresses(objects: Objects) -> tuple[tuple[str, int, str], ...]:
    """Address and port by which gateways call a cluster, and the pool's name."""
    return tuple(
        (str(address), int(settings["port"]), group(gateway, pool["name"]))
        for gateway, pool in _pools(objects)
        if (address := member(gateway, pool).get("ipAddress"))
        for settings in [settings_of(gateway, pool["name"])]
    )


def settings_of(gateway: CloudObject, pool: str) -> _Spec:
    """How the servers of a pool are asked. Raises UnsupportedLoadBalancerError."""
    pairs: list[tuple[Any, Any]] = [
        (each.get("backendAddressPool"), each.get("backendHttpSettings"))
        for each in (*_list(gateway, "requestRoutingRules"), *_path_rules(gateway))
    ]
    pairs += [
        (each.get("defaultBackendAddressPool"), each.get("defaultBackendHttpSettings"))
        for each in _list(gateway, "urlPathMaps")
    ]
    names = {tail(settings) for called, settings in pairs if called and tail(called) == pool}
    if len(names) != 1:
        raise unsupported(gateway, f"settings of the pool {pool}", sorted(names), "one")
    return part(gateway, "backendHttpSettingsCollection", names.pop())


def part(gateway: CloudObject, kind: str, name: str | _Spec) -> _Spec:
    """A part of a gateway, by its name or by what names it. Raises
    UnsupportedLoadBalancerError."""
    wanted = name if isinstance(name, str) else tail(name)
    for each in _list(gateway, kind):
        if each["name"] == wanted:
            return each
    raise unsupported(gateway, kind, wanted, "what the gateway has")


def tail(reference: _Spec) -> str:
    """The name of the part that a reference names."""
    return str(reference["id"]).rpartition("/")[2]


def _list(gateway: CloudObject, kind: str) -> list[_Spec]:
    return list(gateway.get(kind) or ())


def _path_rules(gateway: CloudObject) -> Iterator[_Spec]:
    for routes in _list(gateway, "urlPathMaps"):
        yield from routes.get("pathRules") or ()


def _pools(objects: Objects) -> Iterator[tuple[CloudObject, _Spec]]:
    for gateway in objects.all(GATEWAY):
        for pool in _list(gateway, "backendAddressPools"):
            yield gateway, pool
