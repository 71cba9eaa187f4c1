"""What Azure bills for: quantities worked out by hand, and the budgets of the committed stacks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from infra import checkout
from pricing import book, stack
from pricing.inventory import (
    Dumps,
    InnerBalancers,
    Inventory,
    LoadBalancer,
    PrivateEndpoints,
    ServerlessCopies,
    Thing,
)
from pricing.span import Span
from pricing.tariffs import Charge, charges
from tests.pricing.charging import MONTH, ON_DEMAND, WORKLOAD


def _bill(*things: Thing) -> dict[tuple[str, str], Charge]:
    inventory = Inventory(cloud="azure", region="eastus", things=things)
    found: dict[tuple[str, str], Charge] = {}
    for charge in charges(inventory, WORKLOAD, ON_DEMAND):
        assert (charge.service, charge.sku) not in found
        found[charge.service, charge.sku] = charge
    return found


def _api() -> ServerlessCopies:
    return ServerlessCopies(component="api", vcpus=1, memory_gib=2, count=Span.fixed(1))


def test_a_gateway_grows_to_its_most_instances_at_the_ceiling() -> None:
    found = _bill(LoadBalancer(component="ingress", zones=1))
    assert found["application-gateway", "standard-v2:cu"].quantity == Span.of(
        20 * MONTH, 20 * MONTH, 100 * MONTH
    )


def test_of_two_prices_of_a_gateway_the_higher_counts() -> None:
    found = _bill(LoadBalancer(component="ingress", zones=1))
    hour = next(sku for service, sku in found if sku.startswith("standard-v2:hour"))
    prices = book.load(book.CURRENT)
    rows = [
        prices.price("application-gateway", sku, "eastus").usd
        for sku in ("standard-v2:hour", "standard-v2:hour-price-page")
    ]
    assert prices.price("application-gateway", hour, "eastus").usd == max(rows)


def test_what_azure_makes_before_containers_is_billed_with_the_answers_that_pass_it() -> None:
    found = _bill(_api(), InnerBalancers(component="network", count=1))
    hours = found["azure-load-balancer", "standard-first-5-rules-together"]
    assert hours.quantity == Span.fixed(MONTH)
    assert found["azure-load-balancer", "standard-data"].quantity == Span.fixed(Decimal(25))


def test_dumps_pass_a_private_endpoint_on_their_way_to_the_bucket() -> None:
    endpoint = PrivateEndpoints(component="network", count=1)
    once, twice = (
        _bill(
            endpoint,
            Dumps(
                component="database", times_a_day=times, billed_days=30, redundancy="Standard_ZRS"
            ),
        )
        for times in (1, 2)
    )
    row = ("azure-network", "private-endpoint-data")
    files = _bill(endpoint)[row].quantity.expected
    one, two = (found[row].quantity.expected - files for found in (once, twice))
    assert 0 < round(2 * one, 6) == round(two, 6)


@pytest.mark.parametrize(
    "name", [each for each in checkout.names() if checkout.cloud_of(each) == "azure"]
)
def test_what_a_committed_stack_may_cost_is_within_its_budget(name: str) -> None:
    settings = stack.load_stack(checkout.file(name))
    found = stack.bill_of(settings, book.load(book.CURRENT))
    assert settings.budget_usd is not None
    assert found.monthly_usd.ceiling < settings.budget_usd
