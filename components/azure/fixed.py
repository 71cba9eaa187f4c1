"""Kinds, ports, roles and limits on Azure that no stack file chooses."""

from __future__ import annotations

from collections.abc import Mapping

from components.workloads.data import EXTREME_IOPS, FAST_SSD, LOCAL, STANDARD

POSTGRES_PORT = 5432
POOLER_PORT = 6432
"""Port of a server's own connection pooler, by which a server and its standby find each other too
(Flexible Server documentation, "Networking with private access")."""
REDIS_PORT = 10_000
"""Port of Azure Managed Redis (its documentation, "Connect")."""
HTTPS_PORT = 443

INGRESS_IDLE_SECONDS = 240
"""Silence that the ingress of Container Apps bears by itself."""
MOST_INGRESS_IDLE_SECONDS = 1800
"""The same with premium ingress, in whole minutes (Container Apps documentation, "Use premium
ingress")."""
INGRESS_PROFILE = "ingress"
"""Name of the workload profile that premium ingress has for itself."""
INGRESS_PROFILE_TYPE = "D4"
"""The smallest machine of premium ingress: 4 vCPU, 16 GiB (the same page)."""
INGRESS_NODES = 2
"""Fewest machines of premium ingress (the same page)."""
CONSUMPTION = "Consumption"
"""The workload profile without machines of one's own."""
SCRATCH_GIB = 8
"""Most disk that the containers of a copy on Container Apps share, GiB, with more than one vCPU
(Container Apps documentation, "Use storage mounts")."""
DUMP_VCPUS = 2
"""CPU of a run that dumps the database, vCPU: with more than one it has `SCRATCH_GIB`."""
DUMP_MEMORY_MIB = 4096
"""Memory of such a run, MiB: Container Apps has 2 GiB for each vCPU."""
LOOK_BACK_HOURS = 48
"""Longest time that a query of an alarm looks back (Azure Monitor documentation, "Log search alert
rules")."""
LEAST_LOG_DAYS = 30
"""Shortest retention of a Log Analytics workspace (SDK, `Workspace.retention_in_days`)."""
MOST_DOMAIN_LENGTH = 64
"""Longest domain of a certificate that Azure issues: a common name has no more (RFC 5280,
`ub-common-name`)."""
MOST_SOFT_DELETE_DAYS = 365
"""Longest time for which deleted blobs can be had back (Azure Storage documentation, "Soft delete
for blobs")."""
LEAST_BACKUP_DAYS = 7
"""Shortest reach of point-in-time recovery (Flexible Server documentation, "Backup")."""

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
"""Built-in role Key Vault Secrets User (Azure RBAC documentation, "Azure built-in roles"; so the
following)."""
CRYPTO_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
"""Built-in role Key Vault Crypto Service Encryption User."""
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
"""Built-in role Storage Blob Data Contributor."""
JOBS_OPERATOR = "b9a307c4-5aa3-4b52-ba60-2b17c136cd7b"
"""Built-in role Container Apps Jobs Operator: read, start and stop a job."""
KEY_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
"""Built-in role Key Vault Crypto User: encrypt and decrypt, which is what an API server does."""
VAULT_CONTRIBUTOR = "f25e0fa2-a7c8-4377-a976-54943a77a395"
"""Built-in role Key Vault Contributor: manages a vault, and reads nothing in it."""
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
"""Built-in role Network Contributor."""
DISK_KEY_OPERATOR = "136d308c-0937-4a49-9bd7-edfb42adbffc"
"""Built-in role Disk Encryption Set Operator for Managed Disks."""
CLUSTER_ADMIN = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
"""Built-in role Azure Kubernetes Service RBAC Cluster Admin."""
DATABASE_STORAGE_TYPE = "Premium_LRS"
"""Kind of a database's disk where none is stated: SSD that is billed by its size alone (Flexible
Server documentation, "Storage")."""
GATEWAY_CAPACITY = (2, 10)
"""Fewest and most instances that an application gateway scales between; two outlive the loss of
one."""
VERSIONS = "VAULT_VERSIONS"
"""Variable with a digest of the versions of all secrets: a secret belongs to the app, and only what
changes in the template starts a new revision. No program reads it."""
ENVIRONMENT_ADDRESSES = {"external": 2, "internal": 1}
"""Way in of an environment -> public addresses that Azure makes for it: one for the way out, and
one for callers if there are any from outside (Container Apps documentation, "Managed
resources")."""
CLI_VERSION = "2.63.0"
"""Version of the Azure CLI that scripts run with."""
GRANT_SECONDS = 600
"""What a new right may take until it is known everywhere (Azure RBAC documentation, "Troubleshoot
Azure RBAC")."""
SCRIPT_MIB = 2048
"""Memory of the container that runs a script of the Azure CLI, MiB (Azure Resource Manager
documentation, "Use deployment scripts")."""
WIRE_SERVER = "168.63.129.16/32"
"""Where Azure talks to its machines; no pod has any business there (Virtual Network documentation,
"What is IP address 168.63.129.16?")."""
LB_IDLE_MINUTES = (4, 30)
"""Shortest and longest silence that the load balancer of a cluster's service bears (documentation
of cloud-provider-azure, "LoadBalancer annotations"); the first where none is stated."""
VOLUMES: Mapping[str, Mapping[str, str]] = {
    FAST_SSD: {"skuName": "PremiumV2_LRS", "cachingMode": "None"},
    EXTREME_IOPS: {"skuName": "UltraSSD_LRS", "cachingMode": "None"},
    STANDARD: {"skuName": "PremiumV2_LRS", "cachingMode": "None"},
    LOCAL: {"skuName": "PremiumV2_LRS", "cachingMode": "None"},
}
"""Storage class -> parameters of the driver of disks (documentation of azuredisk-csi-driver,
"Driver parameters"). The class for what may be lost is a disk too, which goes with its claim. Most
are of the kind that is billed by the GiB; older ones are billed by steps."""
NODE_DISK_TYPE = "Premium_LRS"
"""Kind of the disks that AKS gives to nodes whose machines take it (AKS documentation, "Storage
options")."""
