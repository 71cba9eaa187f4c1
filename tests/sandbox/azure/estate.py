"""Parts of a subscription that tests of the simulated Azure begin with."""

from __future__ import annotations

from typing import Any

from tests.sandbox.engine import Engine, Resource

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
TENANT = "72f988bf-0000-4000-8000-2d7cd011db47"

GROUP = "azure-native:resources:ResourceGroup"
NETWORK = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
ADDRESS = "azure-native:network:PublicIPAddress"
GATEWAY = "azure-native:network:ApplicationGateway"
ENDPOINT = "azure-native:network:PrivateEndpoint"
ENDPOINT_ZONES = "azure-native:network:PrivateDnsZoneGroup"
ZONE = "azure-native:privatedns:PrivateZone"
LINK = "azure-native:privatedns:VirtualNetworkLink"
RECORD = "azure-native:dns:RecordSet"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
ROLE = "azure-native:authorization:RoleAssignment"
LOCK = "azure-native:authorization:ManagementLockByScope"
VAULT = "azure-native:keyvault:Vault"
SECRET = "azure-native:keyvault:Secret"
KEY = "azure-native:keyvault:Key"
DATABASE = "azure-native:dbforpostgresql:Server"
PARAMETER = "azure-native:dbforpostgresql:Configuration"
CACHE = "azure-native:redisenterprise:RedisEnterprise"
CACHE_DATA = "azure-native:redisenterprise:Database"
ACCOUNT = "azure-native:storage:StorageAccount"
CONTAINER = "azure-native:storage:BlobContainer"
VERSIONS = "azure-native:storage:BlobServiceProperties"
AGEING = "azure-native:storage:ManagementPolicy"
NAMESPACE = "azure-native:servicebus:Namespace"
QUEUE = "azure-native:servicebus:Queue"
WORKSPACE = "azure-native:operationalinsights:Workspace"
ENVIRONMENT = "azure-native:app:ManagedEnvironment"
APP = "azure-native:app:ContainerApp"
JOB = "azure-native:app:Job"
CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
LINES = "azure-native:monitor:DataCollectionRule"

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
CRYPTO_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"

_PATH = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"


def path(rest: str) -> str:
    """Id of what is in the group of the tests, from `Microsoft.…/kind/name`."""
    return f"{_PATH}/{rest}"


def role(name: str) -> str:
    """Id of a built-in role."""
    return f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{name}"


def inside(**properties: Any) -> dict[str, Any]:  # noqa: ANN401  (values of properties)
    """Properties of something in the group."""
    return {"resourceGroupName": "rg", "location": "eastus", **properties}


class Estate:
    """A group, and what a test adds to it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.make(GROUP, "rg", {"resourceGroupName": "rg", "location": "eastus"})

    def make(self, token: str, name: str, inputs: dict[str, Any]) -> Resource:
        """Make something."""
        return self.engine.create(token, name, inputs)

    def network(self) -> Resource:
        """A virtual network."""
        return self.make(
            NETWORK,
            "net",
            inside(virtualNetworkName="net", addressSpace={"addressPrefixes": ["10.0.0.0/16"]}),
        )

    def subnet(self, name: str, prefix: str, service: str = "", **more: Any) -> Resource:  # noqa: ANN401
        """A subnet, delegated to a service if one is named."""
        delegations = [{"name": "it", "serviceName": service}] if service else []
        return self.make(
            SUBNET,
            name,
            {
                "resourceGroupName": "rg",
                "virtualNetworkName": "net",
                "subnetName": name,
                "addressPrefix": prefix,
                "delegations": delegations,
                **more,
            },
        )

    def zone(self, name: str, *, linked: bool = True) -> Resource:
        """A private zone, and its link to the network."""
        made = self.make(ZONE, name, inside(privateZoneName=name, location="global"))
        if linked:
            self.make(
                LINK,
                name,
                inside(
                    virtualNetworkLinkName="net",
                    privateZoneName=name,
                    location="global",
                    registrationEnabled=False,
                    virtualNetwork={"id": path("Microsoft.Network/virtualNetworks/net")},
                ),
            )
        return made

    def identity(self, name: str = "who") -> Resource:
        """An identity."""
        return self.make(IDENTITY, name, inside(resourceName=name))

    def grant(self, who: Resource, named: str, scope: str) -> Resource:
        """A role for an identity."""
        return self.make(
            ROLE,
            f"{who.name}-{named[:4]}",
            {
                "scope": scope,
                "principalId": who.outputs["principalId"],
                "principalType": "ServicePrincipal",
                "roleDefinitionId": role(named),
            },
        )

    def vault(self, *, purgeable: bool = False) -> Resource:
        """A vault with a secret and a key."""
        protected = {} if purgeable else {"enablePurgeProtection": True}
        made = self.make(
            VAULT,
            "vault",
            inside(
                vaultName="letta-tests",
                properties={
                    "sku": {"family": "A", "name": "standard"},
                    "tenantId": TENANT,
                    "enableRbacAuthorization": True,
                    **protected,
                },
            ),
        )
        self.make(
            SECRET,
            "uri",
            {
                "resourceGroupName": "rg",
                "vaultName": "letta-tests",
                "secretName": "uri",
                "properties": {"value": "x"},
            },
        )
        self.make(
            KEY,
            "key",
            {
                "resourceGroupName": "rg",
                "vaultName": "letta-tests",
                "keyName": "key",
                "properties": {"kty": "RSA", "keySize": 3072},
            },
        )
        return made


KEY_URL = "https://letta-tests.vault.azure.net/keys/key"
SECRET_URL = "https://letta-tests.vault.azure.net/secrets/uri"


def server(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A database server that is nothing wrong with."""
    return inside(
        **{
            "serverName": "letta-db",
            "version": "17",
            "createMode": "Default",
            "sku": {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
            "storage": {"storageSizeGB": 128, "autoGrow": "Enabled"},
            "administratorLogin": "letta_admin",
            "administratorLoginPassword": "Secret0123456789",
            **changes,
        }
    )


def app(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A container app that is nothing wrong with."""
    container = {
        "name": "server",
        "image": "x:1",
        "resources": {"cpu": 1, "memory": "2Gi"},
        **changes.pop("container", {}),
    }
    template = {
        "containers": [container],
        "scale": {"minReplicas": 1},
        **changes.pop("template", {}),
    }
    return inside(
        **{
            "containerAppName": "letta-api",
            "environmentId": path("Microsoft.App/managedEnvironments/env"),
            "template": template,
            **changes,
        }
    )


def gateway(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """An application gateway that is nothing wrong with."""
    own = path("Microsoft.Network/applicationGateways/gw")

    def part(rest: str) -> dict[str, str]:
        return {"id": f"{own}/{rest}"}

    return inside(
        **{
            "applicationGatewayName": "gw",
            "sku": {"name": "Standard_v2", "tier": "Standard_v2"},
            "autoscaleConfiguration": {"minCapacity": 2, "maxCapacity": 4},
            "gatewayIPConfigurations": [
                {
                    "name": "s",
                    "subnet": {"id": path("Microsoft.Network/virtualNetworks/net/subnets/gw")},
                }
            ],
            "frontendIPConfigurations": [
                {
                    "name": "f",
                    "publicIPAddress": {"id": path("Microsoft.Network/publicIPAddresses/ip")},
                }
            ],
            "frontendPorts": [{"name": "p", "port": 80}],
            "backendAddressPools": [{"name": "b"}],
            "backendHttpSettingsCollection": [{"name": "h", "port": 80, "protocol": "Http"}],
            "httpListeners": [
                {
                    "name": "l",
                    "protocol": "Http",
                    "frontendIPConfiguration": part("frontendIPConfigurations/f"),
                    "frontendPort": part("frontendPorts/p"),
                }
            ],
            "requestRoutingRules": [
                {
                    "name": "r",
                    "priority": 1,
                    "ruleType": "Basic",
                    "httpListener": part("httpListeners/l"),
                    "backendAddressPool": part("backendAddressPools/b"),
                    "backendHttpSettings": part("backendHttpSettingsCollection/h"),
                }
            ],
            **changes,
        }
    )


def cluster(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A cluster of AKS that is nothing wrong with."""
    pool = {"name": "system", "mode": "System", "vmSize": "Standard_D2s_v5", "count": 1}
    return inside(
        **{
            "resourceName": "letta",
            "dnsPrefix": "letta",
            "kubernetesVersion": "1.33",
            "identity": {"type": "UserAssigned", "userAssignedIdentities": []},
            "agentPoolProfiles": [{**pool, **changes.pop("pool", {})}],
            **changes,
        }
    )


def lines(**flow: Any) -> dict[str, Any]:  # noqa: ANN401
    """A rule that keeps what containers print. `flow`: what is otherwise of where that goes."""
    stream = "Microsoft-ContainerLogV2"
    workspace = path("Microsoft.OperationalInsights/workspaces/logs")
    return inside(
        dataCollectionRuleName="lines",
        dataSources={
            "extensions": [{"name": "x", "extensionName": "ContainerInsights", "streams": [stream]}]
        },
        destinations={"logAnalytics": [{"name": "workspace", "workspaceResourceId": workspace}]},
        dataFlows=[{"streams": [stream], "destinations": ["workspace"], **flow}],
    )
