"""Container Apps of the simulated Azure, and the gateway before them."""

from __future__ import annotations

import pytest

from tests.sandbox.azure import estate
from tests.sandbox.azure.estate import (
    SECRET_URL,
    SECRETS_USER,
    Estate,
    app,
    gateway,
    inside,
    path,
)
from tests.sandbox.engine import Refused, Resource

POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
APPS = "Microsoft.App/environments"
DATABASE_ZONE = "letta.private.postgres.database.azure.com"


def _environment(**changes: object) -> dict[str, object]:
    return inside(
        **{
            "environmentName": "env",
            "workloadProfiles": [{"name": "Consumption", "workloadProfileType": "Consumption"}],
            **changes,
        }
    )


def test_an_environment_with_profiles_needs_a_subnet_that_is_delegated_to_it(
    made: Estate,
) -> None:
    made.network()
    made.subnet("apps", "10.0.0.0/24")
    placed = {"infrastructureSubnetId": path("Microsoft.Network/virtualNetworks/net/subnets/apps")}
    with pytest.raises(Refused, match="SubnetDelegationError"):
        made.make(estate.ENVIRONMENT, "env", _environment(vnetConfiguration=placed))
    with pytest.raises(Refused, match="it needs vnetConfiguration"):
        made.make(estate.ENVIRONMENT, "env", _environment(zoneRedundant=True))


def test_an_internal_environment_has_an_address_of_its_subnet(made: Estate) -> None:
    made.network()
    made.subnet("apps", "10.0.0.0/24", APPS)
    placed = {
        "infrastructureSubnetId": path("Microsoft.Network/virtualNetworks/net/subnets/apps"),
        "internal": True,
    }
    found = made.make(estate.ENVIRONMENT, "env", _environment(vnetConfiguration=placed))
    assert str(found.outputs["staticIp"]).startswith("10.0.0.")
    assert str(found.outputs["defaultDomain"]).endswith(".eastus.azurecontainerapps.io")


def _with_secret(who: Resource) -> dict[str, object]:
    return app(
        identity={"type": "UserAssigned", "userAssignedIdentities": [who.id]},
        configuration={"secrets": [{"name": "uri", "keyVaultUrl": SECRET_URL, "identity": who.id}]},
        container={"env": [{"name": "LETTA_PG_URI", "secretRef": "uri"}]},
    )


def test_an_app_reads_only_secrets_that_are_there_and_admit_it(made: Estate) -> None:
    made.make(estate.ENVIRONMENT, "env", _environment())
    who = made.identity()
    with pytest.raises(Refused, match="SecretNotFound"):
        made.make(estate.APP, "api", _with_secret(who))
    made.vault()
    with pytest.raises(Refused, match="may not read"):
        made.make(estate.APP, "api", _with_secret(who))
    made.grant(who, SECRETS_USER, path("Microsoft.KeyVault/vaults/letta-tests/secrets/uri"))
    made.make(estate.APP, "api", _with_secret(who))


def test_an_app_runs_on_a_profile_that_its_environment_has(made: Estate) -> None:
    made.make(estate.ENVIRONMENT, "env", _environment())
    with pytest.raises(Refused, match="InvalidWorkloadProfileName"):
        made.make(estate.APP, "api", app(workloadProfileName="D4"))


def test_an_app_in_another_environment_is_another_app(made: Estate) -> None:
    made.make(estate.ENVIRONMENT, "env", _environment())
    found = made.make(estate.APP, "api", app())
    moved = app(environmentId=path("Microsoft.App/managedEnvironments/other"))
    assert made.engine.diff(found, moved).replaces == ["environmentId"]


def test_a_certificate_is_issued_for_a_domain_that_an_app_has(made: Estate) -> None:
    made.make(estate.ENVIRONMENT, "env", _environment())
    asked = inside(
        managedCertificateName="it",
        environmentName="env",
        properties={"subjectName": "letta.example.com", "domainControlValidation": "CNAME"},
    )
    with pytest.raises(Refused, match="no app has the domain"):
        made.make("azure-native:app:ManagedCertificate", "it", asked)
    domains = [{"name": "letta.example.com", "bindingType": "Auto"}]
    way_in = {"targetPort": 80, "customDomains": domains}
    made.make(estate.APP, "api", app(configuration={"ingress": way_in}))
    made.make("azure-native:app:ManagedCertificate", "it", asked)


def _before_gateway(made: Estate, service: str = "") -> None:
    made.network()
    made.subnet("gw", "10.0.0.0/24", service)
    made.make(
        estate.ADDRESS,
        "ip",
        inside(
            publicIpAddressName="ip",
            sku={"name": "Standard"},
            publicIPAllocationMethod="Static",
            zones=["1"],
        ),
    )


def test_a_gateway_has_a_subnet_of_its_own_and_an_address_in_its_zones(made: Estate) -> None:
    _before_gateway(made, APPS)
    with pytest.raises(Refused, match="CannotBeUsedByOtherResources"):
        made.make(estate.GATEWAY, "gw", gateway())


def test_the_address_of_a_gateway_is_in_all_of_its_zones(made: Estate) -> None:
    _before_gateway(made)
    with pytest.raises(Refused, match="its address in"):
        made.make(estate.GATEWAY, "gw", gateway(zones=["1", "2"]))


def test_a_gateway_reads_the_certificate_of_its_domain(made: Estate) -> None:
    _before_gateway(made)
    who = made.identity()
    given = {
        "sslCertificates": [{"name": "domain", "keyVaultSecretId": SECRET_URL}],
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [who.id]},
    }
    made.vault()
    with pytest.raises(Refused, match="may not read"):
        made.make(estate.GATEWAY, "gw", gateway(**given))
    made.grant(who, SECRETS_USER, path("Microsoft.KeyVault/vaults/letta-tests/secrets/uri"))
    made.make(estate.GATEWAY, "gw", gateway(**given))
