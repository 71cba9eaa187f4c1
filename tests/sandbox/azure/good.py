"""One good resource of every type of the simulated Azure, made as far as a test needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tests.sandbox.azure import estate, inputs
from tests.sandbox.azure.estate import inside
from tests.sandbox.engine import Engine, Resource

Inputs: TypeAlias = dict[str, Any]
Recipe: TypeAlias = "Callable[[Good], Inputs]"
GOOD: dict[str, Recipe] = {}
"""Type token to the inputs of a good resource of that type."""
IN_GROUP = {"resourceGroupName": "rg"}
DOMAIN = "api.letta.example.org"
WHO = "azure-native:managedidentity:FederatedIdentityCredential"


def good(token: str) -> Callable[[Recipe], Recipe]:
    """Enter the inputs of a good resource."""

    def enter(recipe: Recipe) -> Recipe:
        GOOD[token] = recipe
        return recipe

    return enter


class Good:
    """The resources of one test, in the order in which they were made."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.made: dict[tuple[str, str], Resource] = {}

    def make(self, token: str, name: str = "it", /, **changes: object) -> Resource:
        """The good resource of that type and name, made once; `changes` lie over its inputs."""
        if token != estate.GROUP:
            self.make(estate.GROUP)
        if (token, name) not in self.made:
            given = {**GOOD[token](self), **changes}
            self.made[token, name] = self.engine.create(token, name, given)
        return self.made[token, name]

    def subnet(self, name: str, number: int, service: str = "") -> str:
        """Id of a subnet, delegated to a service if one is named."""
        delegations = [{"name": "it", "serviceName": service}] if service else []
        return self.make(
            estate.SUBNET,
            name,
            subnetName=name,
            addressPrefix=f"10.0.{number}.0/24",
            delegations=delegations,
        ).id


GOOD.update(
    {
        estate.GROUP: lambda _: {**IN_GROUP, "location": "eastus"},
        estate.NETWORK: lambda _: inside(
            virtualNetworkName="net", addressSpace={"addressPrefixes": ["10.0.0.0/16"]}
        ),
        estate.ADDRESS: lambda _: inside(
            publicIpAddressName="ip",
            sku={"name": "Standard"},
            publicIPAllocationMethod="Static",
            zones=["1", "2", "3"],
        ),
        estate.IDENTITY: lambda _: inside(resourceName="who"),
        estate.ZONE: lambda _: inside(privateZoneName="letta.internal", location="global"),
        estate.VAULT: lambda _: inputs.vault(
            enableRbacAuthorization=True, enablePurgeProtection=True
        ),
        estate.DATABASE: lambda _: estate.server(),
        estate.CACHE: lambda _: inside(
            clusterName="letta-cache",
            publicNetworkAccess="Disabled",
            sku={"name": "Balanced_B3"},
        ),
        estate.ACCOUNT: lambda _: inside(
            accountName="lettadata", kind="StorageV2", sku={"name": "Standard_ZRS"}
        ),
        estate.NAMESPACE: lambda _: inside(
            namespaceName="letta-jobs", sku={"name": "Standard", "tier": "Standard"}
        ),
        estate.WORKSPACE: lambda _: inside(
            workspaceName="logs", sku={"name": "PerGB2018"}, retentionInDays=30
        ),
        estate.ENVIRONMENT: lambda _: inputs.environment(),
        inputs.TOLD: lambda _: inside(
            actionGroupName="told", groupShortName="letta", location="global", enabled=True
        ),
        inputs.WAF: lambda _: inputs.waf(),
        inputs.GROUP_RULES: lambda _: inside(
            networkSecurityGroupName="rules", securityRules=[inputs.security_rule()]
        ),
        "azure-native:dns:Zone": lambda _: inside(
            zoneName="letta.example.org", location="global", zoneType="Public"
        ),
    }
)


@good(estate.SUBNET)
def _subnet(own: Good) -> Inputs:
    own.make(estate.NETWORK)
    return {
        **IN_GROUP,
        "virtualNetworkName": "net",
        "subnetName": "it",
        "addressPrefix": "10.0.250.0/24",
    }


@good("azure-native:network:NatGateway")
def _nat(own: Good) -> Inputs:
    address = own.make(estate.ADDRESS, "nat", publicIpAddressName="nat").id
    return inside(
        natGatewayName="nat", sku={"name": "Standard"}, publicIpAddresses=[{"id": address}]
    )


@good(estate.GATEWAY)
def _gateway(own: Good) -> Inputs:
    own.subnet("gw", 1)
    own.make(estate.ADDRESS)
    return estate.gateway(zones=["1", "2", "3"])


@good(estate.ENDPOINT)
def _endpoint(own: Good) -> Inputs:
    return inside(
        privateEndpointName="end",
        subnet={"id": own.subnet("ends", 2)},
        privateLinkServiceConnections=[
            {
                "name": "it",
                "privateLinkServiceId": own.make(estate.VAULT).id,
                "groupIds": ["vault"],
            }
        ],
    )


@good(estate.LINK)
def _link(own: Good) -> Inputs:
    return inside(
        virtualNetworkLinkName="net",
        privateZoneName=own.make(estate.ZONE).inputs["privateZoneName"],
        location="global",
        registrationEnabled=False,
        virtualNetwork={"id": own.make(estate.NETWORK).id},
    )


@good(estate.ENDPOINT_ZONES)
def _endpoint_zones(own: Good) -> Inputs:
    own.make(estate.ENDPOINT)
    name = "privatelink.vaultcore.azure.net"
    zone = own.make(estate.ZONE, "vaults", privateZoneName=name).id
    own.make(estate.LINK, "vaults", privateZoneName=name)
    return {
        **IN_GROUP,
        "privateEndpointName": "end",
        "privateDnsZoneGroupName": "default",
        "privateDnsZoneConfigs": [{"name": "it", "privateDnsZoneId": zone}],
    }


@good("azure-native:privatedns:PrivateRecordSet")
def _private_record(own: Good) -> Inputs:
    own.make(estate.ZONE)
    return {
        **IN_GROUP,
        "privateZoneName": "letta.internal",
        "relativeRecordSetName": "api",
        "recordType": "A",
        "ttl": 300,
        "aRecords": [{"ipv4Address": "10.0.0.9"}],
    }


@good(estate.RECORD)
def _record(own: Good) -> Inputs:
    own.make("azure-native:dns:Zone")
    return {
        **IN_GROUP,
        "zoneName": "letta.example.org",
        "relativeRecordSetName": "api",
        "recordType": "A",
        "ttl": 300,
        "aRecords": [{"ipv4Address": "203.0.113.9"}],
    }


@good(estate.ROLE)
def _role(own: Good) -> Inputs:
    return {
        "scope": own.make(estate.GROUP).id,
        "principalId": own.make(estate.IDENTITY).outputs["principalId"],
        "principalType": "ServicePrincipal",
        "roleDefinitionId": estate.role(estate.SECRETS_USER),
    }


@good("azure-native:authorization:RoleDefinition")
def _definition(own: Good) -> Inputs:
    group = own.make(estate.GROUP).id
    return {
        "scope": group,
        "roleName": "starter of jobs",
        "permissions": [{"actions": ["Microsoft.App/jobs/start/action"]}],
        "assignableScopes": [group],
    }


@good(estate.LOCK)
def _lock(own: Good) -> Inputs:
    return {
        "scope": own.make(estate.DATABASE).id,
        "lockName": "kept",
        "level": "CanNotDelete",
    }


@good(WHO)
def _federated(own: Good) -> Inputs:
    own.make(estate.IDENTITY)
    return {
        **IN_GROUP,
        "resourceName": "who",
        "federatedIdentityCredentialResourceName": "pod",
        "issuer": "https://eastus.oic.prod-aks.azure.com/t/c/",
        "subject": "system:serviceaccount:letta:api",
        "audiences": ["api://AzureADTokenExchange"],
    }


@good(estate.SECRET)
def _secret(own: Good) -> Inputs:
    own.make(estate.VAULT)
    return {
        **IN_GROUP,
        "vaultName": "letta-tests",
        "secretName": "uri",
        "properties": {"value": "x"},
    }


@good(estate.KEY)
def _key(own: Good) -> Inputs:
    own.make(estate.VAULT)
    return {
        **IN_GROUP,
        "vaultName": "letta-tests",
        "keyName": "key",
        "properties": {"kty": "RSA", "keySize": 3072},
    }


@good("azure-native:compute:DiskEncryptionSet")
def _disks(own: Good) -> Inputs:
    url = own.make(estate.KEY).outputs["keyUriWithVersion"]
    who = own.make(estate.IDENTITY)
    own.make(estate.ROLE, "disks", roleDefinitionId=estate.role(estate.CRYPTO_USER))
    return inside(
        diskEncryptionSetName="disks",
        identity={"type": "UserAssigned", "userAssignedIdentities": [who.id]},
        activeKey={"keyUrl": url},
        encryptionType="EncryptionAtRestWithCustomerKey",
    )


@good("azure-native:dbforpostgresql:Database")
def _database(own: Good) -> Inputs:
    own.make(estate.DATABASE)
    return {**IN_GROUP, "serverName": "letta-db", "databaseName": "letta"}


@good(estate.PARAMETER)
def _parameter(own: Good) -> Inputs:
    own.make(estate.DATABASE)
    return {
        **IN_GROUP,
        "serverName": "letta-db",
        "configurationName": "azure.extensions",
        "value": "VECTOR",
        "source": "user-override",
    }


@good(estate.CACHE_DATA)
def _cache_data(own: Good) -> Inputs:
    own.make(estate.CACHE)
    return {**IN_GROUP, "clusterName": "letta-cache", "databaseName": "default"}


@good(estate.CONTAINER)
def _container(own: Good) -> Inputs:
    own.make(estate.ACCOUNT)
    return {**IN_GROUP, "accountName": "lettadata", "containerName": "data"}


@good(estate.VERSIONS)
def _versions(own: Good) -> Inputs:
    own.make(estate.ACCOUNT)
    return {
        **IN_GROUP,
        "accountName": "lettadata",
        "blobServicesName": "default",
        "isVersioningEnabled": True,
    }


@good(estate.AGEING)
def _ageing(own: Good) -> Inputs:
    own.make(estate.ACCOUNT)
    cooler = inputs.aged(tierToCool=inputs.days(30), tierToCold=inputs.days(90))
    return {**inputs.ageing(cooler), "accountName": "lettadata"}


@good(estate.QUEUE)
def _queue(own: Good) -> Inputs:
    own.make(estate.NAMESPACE)
    return inputs.queue(namespaceName="letta-jobs")


@good("azure-native:operationalinsights:Table")
def _table(own: Good) -> Inputs:
    own.make(estate.WORKSPACE)
    return {
        **IN_GROUP,
        "workspaceName": "logs",
        "tableName": "ContainerLogV2",
        "plan": "Analytics",
    }


@good("azure-native:monitor:DiagnosticSetting")
def _diagnostics(own: Good) -> Inputs:
    return {
        "name": "letta",
        "resourceUri": own.make(estate.VAULT).id,
        "workspaceId": own.make(estate.WORKSPACE).id,
        "logs": [{"category": "AuditEvent", "enabled": True}],
    }


@good(estate.LINES)
def _lines(own: Good) -> Inputs:
    own.make(estate.WORKSPACE)
    return estate.lines()


@good("azure-native:monitor:DataCollectionRuleAssociation")
def _association(own: Good) -> Inputs:
    return {
        "associationName": "x",
        "resourceUri": own.make(estate.CLUSTER).id,
        "dataCollectionRuleId": own.make(estate.LINES).id,
    }


@good(inputs.ALERT)
def _alert(own: Good) -> Inputs:
    group = own.make(inputs.TOLD).id
    return inputs.metric(
        scopes=[own.make(estate.DATABASE).id],
        location="global",
        condition={
            "metricName": "cpu_percent",
            "metricNamespace": "Microsoft.DBforPostgreSQL/flexibleServers",
        },
        actions=[{"actionGroupId": group}],
    )


@good(inputs.QUERY)
def _search(own: Good) -> Inputs:
    group = own.make(inputs.TOLD).id
    return inputs.search(
        scopes=[own.make(estate.WORKSPACE).id],
        kind="LogAlert",
        actions={"actionGroups": [group]},
    )


@good(inputs.BUDGET)
def _budget(own: Good) -> Inputs:
    return {
        "scope": own.make(estate.GROUP).id,
        "budgetName": "letta",
        "amount": 500,
        "category": "Cost",
        "timeGrain": "Monthly",
        "timePeriod": {"startDate": "2026-11-01T00:00:00Z"},
        "notifications": {
            "Actual": {
                "enabled": True,
                "operator": "GreaterThan",
                "threshold": 80,
                "contactEmails": ["a@example.com"],
            }
        },
    }


@good(inputs.SCRIPT)
def _script(_: Good) -> Inputs:
    return inside(
        scriptName="wait",
        kind="AzureCLI",
        azCliVersion="2.63.0",
        scriptContent="sleep 1",
        retentionInterval="P1D",
    )


@good(estate.APP)
def _app(own: Good) -> Inputs:
    own.make(estate.ENVIRONMENT)
    return estate.app(
        configuration={
            "ingress": {
                "external": True,
                "targetPort": 8283,
                "customDomains": [{"name": DOMAIN, "bindingType": "Auto"}],
            }
        }
    )


@good(estate.JOB)
def _job(own: Good) -> Inputs:
    environment = own.make(estate.ENVIRONMENT).id
    manual = {"parallelism": 1, "replicaCompletionCount": 1}
    return {**inputs.job(manualTriggerConfig=manual), "environmentId": environment}


@good("azure-native:app:ManagedCertificate")
def _certificate(own: Good) -> Inputs:
    own.make(estate.APP)
    return inside(
        environmentName="env",
        managedCertificateName="it",
        properties={"subjectName": DOMAIN, "domainControlValidation": "CNAME"},
    )


@good(estate.CLUSTER)
def _cluster(own: Good) -> Inputs:
    who = own.make(estate.IDENTITY)
    return estate.cluster(identity={"type": "UserAssigned", "userAssignedIdentities": [who.id]})


@good(estate.POOL)
def _pool(own: Good) -> Inputs:
    own.make(estate.CLUSTER)
    return inputs.pool(count=1, mode="User")
