"""Database: PostgreSQL with pgvector, run by CloudNativePG (requirements D1, D5, D6, V1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_random as random
from pulumi_kubernetes import apiextensions

from components import postgres
from components.args import DatabaseArgs
from components.kubernetes import object_storage
from components.kubernetes.options import OPERATOR_NAMESPACE
from components.kubernetes.site import Site
from components.kubernetes.sizes import instances, max_connections
from components.letta.bootstrap import ADMIN_URI
from components.letta.environment import POSTGRES_URI
from components.roles import Reference
from components.workloads import kept, network_policies, store_access
from components.workloads.cluster import host
from components.workloads.labels import Component, labels, metadata
from components.workloads.servers import POSTGRES_PORT

API_VERSION = "postgresql.cnpg.io/v1"
STORE_API_VERSION = "barmancloud.cnpg.io/v1"
PLUGIN = "barman-cloud.cloudnative-pg.io"
"""What archives the log and makes the backups; successor of the operator's own way, which is
deprecated since 1.26 (CloudNativePG documentation, "Backup")."""
IMAGES: Mapping[str, str] = {
    "16": "ghcr.io/cloudnative-pg/postgresql:16.13-standard-trixie",
    "17": "ghcr.io/cloudnative-pg/postgresql:17.9-standard-trixie",
}
"""Major version -> image of the operator's project; the kind `standard` holds pgvector."""
DATABASE = "letta"
APP_USER = "letta"
"""Owner of the database and nothing more."""
ADMIN_USER = "postgres"
"""Superuser: creates the extension, which a plain owner may not."""
PASSWORD_LENGTH = 32
STATUS_PORT = 8000
"""Where the operator asks an instance how it is."""
METRICS_PORT = 9187
API_PORTS = (443, 6443)
"""Where a cluster's own API answers: of managed clusters, and of those that kubeadm or k3s made."""
BACKUP_SCHEDULE = "0 0 3 * * *"
"""Every night at three; the first field is seconds."""
TIMEOUT = "30m"
_CALLERS: tuple[Component, ...] = (*store_access.SERVERS, "dump")


class Database(pulumi.ComponentResource):
    """A Cluster of the operator with its archive, its nightly backup and its network policy."""

    references: Mapping[str, Reference]
    """The application's whole URI, by variable."""
    admin_references: Mapping[str, Reference]
    """The administrator's whole URI, by variable; for the bootstrap alone."""
    address: pulumi.Output[str]
    """Host name of the primary, without port."""

    def __init__(
        self, name: str, args: DatabaseArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:kubernetes:Database",
            name,
            {
                "vcpus": args.vcpus,
                "memoryGib": args.memory_gib,
                "storageGib": args.storage_gib,
                "instances": self._instances(args),
            },
            opts,
        )
        self._child = pulumi.ResourceOptions(parent=self, depends_on=list(site.cluster.ready))
        self._namespace = site.cluster.namespace
        primary = host(f"{name}-rw", self._namespace)
        self.address = pulumi.Output.from_input(primary)
        app, self.references = self._account(name, "app", APP_USER, primary, POSTGRES_URI)
        admin, self.admin_references = self._account(name, "admin", ADMIN_USER, primary, ADMIN_URI)
        policies = network_policies
        guard = store_access.of_store(
            self,
            name,
            POSTGRES_PORT,
            callers=_CALLERS,
            ingress=[
                policies.allow_from(policies.pods("store"), POSTGRES_PORT, STATUS_PORT),
                policies.allow_from(policies.pods_elsewhere(OPERATOR_NAMESPACE, {}), STATUS_PORT),
            ],
            egress=[
                policies.allow_to(policies.pods("store"), POSTGRES_PORT, STATUS_PORT),
                # The cluster's own API, wherever it is, and object storage.
                policies.allow_to(policies.ranges([policies.ANYWHERE]), *API_PORTS),
                object_storage.egress(site.options.object_storage, site.cluster),
            ],
            namespace=self._namespace,
        )
        store_access.to_store(self, name, name, POSTGRES_PORT, _CALLERS, namespace=self._namespace)
        archive = self._archive(name, args, site)
        cluster = self._cluster(name, args, site, app, admin, [guard, archive])
        self._backups(name, cluster)
        self.register_outputs({"address": self.address})

    def _account(
        self, name: str, purpose: str, user: str, primary: str, variable: str
    ) -> tuple[pulumi.Output[str], Mapping[str, Reference]]:
        """Name of the account's Secret, and the reference to the URI by which it signs in."""
        password = kept.generate(self, f"{name}-{purpose}", PASSWORD_LENGTH)
        secret = kept.keep(
            self,
            f"{name}-{purpose}",
            {
                "username": user,
                "password": password,
                # No query: server and migrations understand none. TLS is the server's to offer.
                variable: pulumi.Output.concat(
                    f"postgresql://{user}:", password, f"@{primary}:{POSTGRES_PORT}/{DATABASE}"
                ),
            },
            kind="kubernetes.io/basic-auth",
            namespace=self._namespace,
        )
        return kept.named_by(secret), {variable: kept.reference(secret, variable)}

    def _archive(self, name: str, args: DatabaseArgs, site: Site) -> apiextensions.CustomResource:
        storage = site.options.object_storage
        return apiextensions.CustomResource(
            f"{name}-archive",
            api_version=STORE_API_VERSION,
            kind="ObjectStore",
            metadata=metadata(name, "store", namespace=self._namespace),
            spec={
                "retentionPolicy": f"{args.backup_retention_days}d",
                "configuration": {
                    "destinationPath": f"s3://{storage.bucket}/{site.folder(name)}",
                    "endpointURL": storage.endpoint,
                    "s3Credentials": {
                        "accessKeyId": _key(storage.access_key_id),
                        "secretAccessKey": _key(storage.secret_access_key),
                    },
                    "wal": {"compression": "gzip"},
                    "data": {"compression": "gzip"},
                },
                "instanceSidecarConfiguration": {
                    "env": [
                        {"name": variable, "value": value}
                        for variable, value in object_storage.OLDER_SERVICES.items()
                    ]
                },
            },
            opts=self._child,
        )

    def _cluster(
        self,
        name: str,
        args: DatabaseArgs,
        site: Site,
        app: pulumi.Output[str],
        admin: pulumi.Output[str],
        after: list[pulumi.Resource],
    ) -> apiextensions.CustomResource:
        # A database archives into a folder where no other has: the operator refuses to write into
        # the one of a database that was destroyed before.
        digits = random.RandomId(
            f"{name}-archive", byte_length=4, opts=pulumi.ResourceOptions(parent=self)
        )
        size = {"cpu": str(args.vcpus), "memory": f"{args.memory_gib:g}Gi"}
        return apiextensions.CustomResource(
            name,
            api_version=API_VERSION,
            kind="Cluster",
            metadata=metadata(
                name,
                "store",
                annotations={"pulumi.com/waitFor": "condition=Ready"},
                namespace=self._namespace,
            ),
            spec={
                "instances": self._instances(args),
                # A budget for the only instance would hold its node up for good.
                "enablePDB": self._instances(args) > 1,
                "imageName": IMAGES[args.engine_version],
                "inheritedMetadata": {"labels": labels(name, "store")},
                "bootstrap": {
                    "initdb": {"database": DATABASE, "owner": APP_USER, "secret": {"name": app}}
                },
                "enableSuperuserAccess": True,
                "superuserSecret": {"name": admin},
                "storage": {
                    "size": f"{args.storage_gib}Gi",
                    "storageClass": site.options.storage_class,
                    "resizeInUseVolumes": True,
                },
                "resources": {"requests": size, "limits": size},
                "postgresql": self._postgresql(args),
                "affinity": {
                    "enablePodAntiAffinity": True,
                    "podAntiAffinityType": "preferred",
                    "topologyKey": "topology.kubernetes.io/zone",
                },
                "plugins": [
                    {
                        "name": PLUGIN,
                        "isWALArchiver": True,
                        "parameters": {
                            "barmanObjectName": name,
                            "serverName": pulumi.Output.concat(name, "-", digits.hex),
                        },
                    }
                ],
            },
            opts=pulumi.ResourceOptions.merge(
                self._child,
                pulumi.ResourceOptions(
                    depends_on=after,
                    # A cluster has no protection of its own: the engine refuses to delete it.
                    protect=args.deletion_protection,
                    custom_timeouts=pulumi.CustomTimeouts(create=TIMEOUT, update=TIMEOUT),
                ),
            ),
        )

    @staticmethod
    def _instances(args: DatabaseArgs) -> int:
        return instances(high_availability=args.high_availability, read_replicas=args.read_replicas)

    def _postgresql(self, args: DatabaseArgs) -> dict[str, Any]:
        settings = {each.name: each.value for each in postgres.parameters(args.memory_gib)}
        found: dict[str, Any] = {
            "parameters": {**settings, "max_connections": str(max_connections(args.memory_gib))}
        }
        if args.high_availability:
            # Writes wait for a second copy, as long as there is one.
            found["synchronous"] = {"method": "any", "number": 1, "dataDurability": "preferred"}
        return found

    def _backups(self, name: str, cluster: apiextensions.CustomResource) -> None:
        apiextensions.CustomResource(
            f"{name}-nightly",
            api_version=API_VERSION,
            kind="ScheduledBackup",
            metadata=metadata(name, "store", namespace=self._namespace),
            spec={
                "schedule": BACKUP_SCHEDULE,
                "immediate": True,
                "backupOwnerReference": "self",
                "method": "plugin",
                "pluginConfiguration": {"name": PLUGIN},
                "cluster": {"name": name},
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster]),
        )


def _key(named: str) -> dict[str, str]:
    secret, _, key = named.partition("/")
    return {"name": secret, "key": key}
