"""The way in, the ways out, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

from components.args import IngressArgs
from components.aws.firewall_rules import MANAGED_RULES, RATE_LIMIT
from components.aws.subnets import SERVICE_ZONES
from infra.settings import Settings
from pricing.inventory import (
    Firewall,
    LoadBalancer,
    NatGateways,
    PrivateEndpoints,
    PublicAddresses,
    Thing,
)


def network(settings: Settings) -> Iterator[Thing]:
    """What the network is billed for by the hour."""
    ingress = settings.ingress
    if ingress.kind == "proxy":
        yield PublicAddresses(component="ingress", count=1)
    else:
        zones = max(ingress.zones, SERVICE_ZONES)
        yield LoadBalancer(component="ingress", zones=zones)
    if ingress.waf:
        # AWS does not bill for the groups of rules that it keeps itself.
        rules = len((RATE_LIMIT, *MANAGED_RULES))
        yield Firewall(component="ingress", rules=rules, managed_groups=0)
    gateways = _gateways(ingress)
    if gateways:
        yield NatGateways(component="network", count=gateways)
        yield PublicAddresses(component="network", count=gateways)
    if ingress.logs_endpoint:
        yield PrivateEndpoints(component="network", count=ingress.zones, carries_logs=True)


def _gateways(ingress: IngressArgs) -> int:
    return {"none": 0, "single": 1, "per_zone": ingress.zones}[ingress.nat]
