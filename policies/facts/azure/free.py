"""Types for which Azure bills nothing, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_NETWORK = "parts of a network are free; what passes through is billed elsewhere"
_RIGHTS = "rights are free"
_RECORDS = "records are billed with their zone"

FREE: Mapping[str, str] = {
    "azure-native:app:ManagedCertificate": "certificates of Container Apps are free",
    "azure-native:authorization:ManagementLockByScope": "locks are free",
    "azure-native:authorization:RoleAssignment": _RIGHTS,
    "azure-native:authorization:RoleDefinition": _RIGHTS,
    "azure-native:compute:DiskEncryptionSet": "billed with its key",
    "azure-native:consumption:Budget": "budgets are free",
    "azure-native:dbforpostgresql:Configuration": "billed with its server",
    "azure-native:dbforpostgresql:Database": "billed with its server",
    "azure-native:dns:RecordSet": _RECORDS,
    "azure-native:keyvault:Vault": "a standard vault is billed by what it is asked",
    "azure-native:managedidentity:FederatedIdentityCredential": _RIGHTS,
    "azure-native:managedidentity:UserAssignedIdentity": _RIGHTS,
    "azure-native:monitor:ActionGroup": "the first thousand e-mails of a month are free",
    "azure-native:monitor:DataCollectionRule": "billed with the workspace that it fills",
    "azure-native:monitor:DataCollectionRuleAssociation": "billed with the workspace",
    "azure-native:monitor:DiagnosticSetting": "billed with the workspace that it fills",
    "azure-native:network:NetworkSecurityGroup": _NETWORK,
    "azure-native:network:PrivateDnsZoneGroup": _RECORDS,
    "azure-native:network:Subnet": _NETWORK,
    "azure-native:network:VirtualNetwork": _NETWORK,
    "azure-native:privatedns:PrivateRecordSet": _RECORDS,
    "azure-native:privatedns:VirtualNetworkLink": _NETWORK,
    "azure-native:redisenterprise:Database": "billed with its cluster",
    "azure-native:resources:ResourceGroup": "a folder",
    "azure-native:servicebus:Queue": "billed with its namespace",
    "azure-native:storage:BlobContainer": "billed with its account",
    "azure-native:storage:BlobServiceProperties": "billed with its account",
    "azure-native:storage:ManagementPolicy": "billed with its account",
    **dict.fromkeys(
        (
            "random:index/randomBytes:RandomBytes",
            "random:index/randomId:RandomId",
            "random:index/randomPassword:RandomPassword",
            "random:index/randomString:RandomString",
        ),
        "a value in the engine's state",
    ),
}
