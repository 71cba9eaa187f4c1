"""Private ways to AWS's services."""

from __future__ import annotations

import pytest

from tests.sandbox.aws.cases import Case, each
from tests.sandbox.aws.estate import Estate, Inputs
from tests.sandbox.engine import Refused

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
GROUP = "aws:ec2/securityGroup:SecurityGroup"


def interface(estate: Estate) -> Inputs:
    """An endpoint with addresses of its own, for logs."""
    return {
        "vpcEndpointType": "Interface",
        "serviceName": "com.amazonaws.us-east-1.logs",
        "routeTableIds": None,
        "subnetIds": [estate.subnet("a", 1), estate.subnet("b", 2)],
        "securityGroupIds": [estate.make(GROUP).id],
        "privateDnsEnabled": True,
    }


def _in_one_zone(estate: Estate) -> Inputs:
    return {**interface(estate), "subnetIds": [estate.subnet("a", 1), estate.subnet("a", 2)]}


def _with_routes(estate: Estate) -> Inputs:
    routes = [estate.make("aws:ec2/routeTable:RouteTable").id]
    return {**interface(estate), "routeTableIds": routes}


def _a_second(estate: Estate) -> Inputs:
    given = interface(estate)
    estate.make(ENDPOINT, "first", **given)
    return given


def _without_names(estate: Estate) -> Inputs:
    estate.make("aws:ec2/vpc:Vpc", enableDnsHostnames=False)
    return interface(estate)


CASES = [
    Case(
        "a gateway with a group",
        ENDPOINT,
        lambda estate: {"securityGroupIds": [estate.make(GROUP).id]},
        "type Gateway does not take securityGroupIds",
    ),
    Case("an interface with routes", ENDPOINT, _with_routes, "does not take routeTableIds"),
    Case("two subnets of a zone", ENDPOINT, _in_one_zone, "DuplicateSubnetsInSameZone"),
    Case("a name that is taken", ENDPOINT, _a_second, "conflicting DNS domain"),
    Case("a name without an answer", ENDPOINT, _without_names, "enableDnsHostnames"),
]


@each(CASES)
def test_a_bad_endpoint_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


def test_an_interface_has_an_address_in_each_zone_and_holds_its_group(estate: Estate) -> None:
    endpoint = estate.make(ENDPOINT, **interface(estate))
    assert len(endpoint.outputs["networkInterfaceIds"]) == 2
    with pytest.raises(Refused, match="DependencyViolation"):
        estate.engine.delete(estate.make(GROUP))
