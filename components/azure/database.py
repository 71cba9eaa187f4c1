"""Database: PostgreSQL on Flexible Server, its replicas, and the URIs that lead to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import authorization, dbforpostgresql

from components.args import DatabaseArgs
from components.azure import alarm_tables, catalog
from components.azure.alarms import watch
from components.azure.fixed import POSTGRES_PORT
from components.azure.parameters import parameters
from components.azure.place import after
from components.azure.site import Site
from components.letta.bootstrap import ADMIN_URI
from components.letta.environment import POSTGRES_URI
from components.roles import Reference

DATABASE = "letta"
ADMIN_USER = "letta_admin"
"""The server's administrator: it creates the extension, which a plain owner may not, and the
role."""
APP_USER = "letta"
"""Owner of the database and nothing more."""
PASSWORD_LENGTH = 32
"""Characters of a database password, letters and digits."""
LOGS = ("PostgreSQLLogs",)
SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers"


class Database(pulumi.ComponentResource):
    """PostgreSQL with pgvector (requirements D3, D5, D6, V1).

    It stands in a subnet of its own and has no address outside the network.
    """

    references: Mapping[str, Reference]
    """The application's whole URI, by variable."""
    admin_references: Mapping[str, Reference]
    """The administrator's whole URI, by variable; for the bootstrap alone."""
    address: pulumi.Output[str]
    """Host name of the primary; follows a failover. Known at preview."""
    replica_addresses: tuple[pulumi.Output[str], ...]
    """Host names of the replicas."""
    max_connections: int
    """Connections that the server accepts."""

    def __init__(
        self, name: str, args: DatabaseArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        if args.instance_type is None:
            raise ValueError("instance_type is filled in from the size table by the settings")
        super().__init__(
            "letta:azure:Database",
            name,
            {
                "class": args.instance_type,
                "storageGib": args.storage_gib,
                "highAvailability": args.high_availability,
                "readReplicas": args.read_replicas,
            },
            opts,
        )
        self._name = name
        self._args = args
        self._site = site
        self._class = catalog.database_class(args.instance_type)
        options = site.options
        self._replica_class = catalog.database_class(
            options.replica_instance_type or args.instance_type
        )
        self._held: list[pulumi.Resource] = []
        self.max_connections = self._class.max_connections
        # A server's own name must not stand before the zone's.
        domain = f"{site.place.named(name)}.private.postgres.database.azure.com"
        self._zone, self._link = site.network.private_zone(f"{name}-names", domain)

        admin_password = self._password("admin")
        primary = self._start(
            "primary", self._class, args.storage_gib, self._primary(admin_password)
        )
        source = self._id(primary, "primary")
        self.address = self._host(primary, "primary")
        last = self._configure("primary", self._class, primary)
        database = dbforpostgresql.Database(
            name,
            database_name=DATABASE,
            server_name=self._server(primary, "primary"),
            resource_group_name=site.place.group,
            charset="UTF8",
            collation="en_US.utf8",
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[last], protect=args.deletion_protection
            ),
        )
        replicas: list[pulumi.Resource] = []
        hosts: list[pulumi.Output[str]] = []
        for index in range(args.read_replicas):
            suffix = f"replica-{index + 1}"
            # A server is busy while it is configured, and while a replica is made from it.
            replica = self._start(
                suffix,
                self._replica_class,
                options.replica_storage_gib or args.storage_gib,
                {"create_mode": "Replica", "source_server_resource_id": source},
                database,
                *replicas,
            )
            hosts.append(self._host(replica, suffix))
            replicas.append(self._configure(suffix, self._replica_class, replica))
        self.replica_addresses = tuple(hosts)
        if args.deletion_protection:
            self._lock("primary", source, [database, last, *replicas, *self._held])
        ready: list[pulumi.Resource] = [database, last, self._link]
        self.admin_references = {
            ADMIN_URI: self._keep_uri("admin", ADMIN_USER, admin_password, ready)
        }
        self.references = {
            POSTGRES_URI: self._keep_uri("app", APP_USER, self._password("app"), ready)
        }
        self.register_outputs({"address": self.address})

    def _primary(self, password: pulumi.Output[str]) -> dict[str, Any]:
        args = self._args
        return {
            "create_mode": "Default",
            "version": args.engine_version,
            "administrator_login": ADMIN_USER,
            "administrator_login_password": password,
            "auth_config": {"password_auth": "Enabled", "active_directory_auth": "Disabled"},
            "backup": {
                "backup_retention_days": args.backup_retention_days,
                "geo_redundant_backup": "Disabled",
            },
            "high_availability": {
                "mode": "ZoneRedundant" if args.high_availability else "Disabled"
            },
            "maintenance_window": {
                "custom_window": "Enabled",
                "day_of_week": 0,
                "start_hour": 4,
                "start_minute": 0,
            },
        }

    def _start(
        self,
        suffix: str,
        size: catalog.DatabaseClass,
        storage_gib: int,
        values: dict[str, Any],
        *before: pulumi.Resource,
    ) -> dbforpostgresql.Server:
        args, site, place = self._args, self._site, self._site.place
        label = f"{self._name}-{suffix}"
        user = site.secrets.encryption
        server = dbforpostgresql.Server(
            label,
            server_name=place.named(label),
            resource_group_name=place.group,
            location=place.region,
            sku={"name": size.name, "tier": size.tier},
            storage={"storage_size_gb": storage_gib, "auto_grow": "Enabled"},
            network={
                "delegated_subnet_resource_id": site.network.subnet("database"),
                "private_dns_zone_arm_resource_id": self._zone,
                "public_network_access": "Enabled" if args.publicly_accessible else "Disabled",
            },
            identity={
                "type": "UserAssigned",
                "user_assigned_identities": user.id.apply(lambda found: {found: {}}),
            },
            data_encryption={
                "type": "AzureKeyVault",
                "primary_key_uri": site.secrets.key_url,
                "primary_user_assigned_identity_id": user.id,
            },
            tags=place.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[self._link, *user.ready, *before],
                # A replica holds nothing of its own.
                protect=args.deletion_protection and suffix == "primary",
                # They change places by themselves, at a failover.
                ignore_changes=["availabilityZone", "highAvailability.standbyAvailabilityZone"],
            ),
            **values,
        )
        path = self._id(server, suffix)
        watch(
            self,
            label,
            alarm_tables.database(
                max_connections=size.max_connections,
                max_storage_gib=args.max_storage_gib,
                replica=suffix != "primary",
            ),
            path,
            place,
            site.alerts.group,
        )
        self._held.append(site.logs.collect(self, label, path, LOGS))
        return server

    def _configure(
        self, suffix: str, size: catalog.DatabaseClass, server: dbforpostgresql.Server
    ) -> pulumi.Resource:
        """Set the parameters one after the other: a server that is at one refuses the next."""
        last: pulumi.Resource = server
        for parameter, value in parameters(size.name).items():
            last = dbforpostgresql.Configuration(
                f"{self._name}-{suffix}-{parameter.replace('.', '-').replace('_', '-')}",
                configuration_name=parameter,
                server_name=self._server(server, suffix),
                resource_group_name=self._site.place.group,
                value=value,
                source="user-override",
                opts=pulumi.ResourceOptions(
                    # It is not deleted, but set back, and a server that goes needs no such thing.
                    parent=self,
                    depends_on=[last],
                    deleted_with=server,
                ),
            )
        return last

    def _lock(self, suffix: str, scope: pulumi.Output[str], held: list[pulumi.Resource]) -> None:
        """Azure has no protection on the server itself. The lock comes last and goes first: it
        holds what is below the server too. The engine does not protect it: it goes with the
        setting."""
        label = f"{self._name}-{suffix}-lock"
        authorization.ManagementLockByScope(
            label,
            lock_name=label,
            scope=scope,
            level="CanNotDelete",
            notes="letta:database.deletion_protection",
            opts=pulumi.ResourceOptions(parent=self, depends_on=held),
        )

    def _id(self, server: pulumi.Resource, suffix: str) -> pulumi.Output[str]:
        name = self._site.place.named(f"{self._name}-{suffix}")
        return self._site.place.of(server, f"{SERVERS}/{name}")

    def _server(self, server: pulumi.Resource, suffix: str) -> pulumi.Output[str]:
        return after(self._site.place.named(f"{self._name}-{suffix}"), server)

    def _host(self, server: pulumi.Resource, suffix: str) -> pulumi.Output[str]:
        name = self._site.place.named(f"{self._name}-{suffix}")
        return after(f"{name}.postgres.database.azure.com", server)

    def _password(self, user: str) -> pulumi.Output[str]:
        return self._site.secrets.generate(
            self, f"{self._name}-{user}-password", length=PASSWORD_LENGTH
        )

    def _keep_uri(
        self, suffix: str, user: str, password: pulumi.Output[str], ready: list[pulumi.Resource]
    ) -> Reference:
        """Store a URI without a query: the server's two drivers agree on no `ssl` parameter,
        and both use TLS by themselves. It is there once the database can be used."""
        uri = pulumi.Output.all(
            password, self.address, *(resource.urn for resource in ready)
        ).apply(
            lambda found: f"postgresql://{user}:{found[0]}@{found[1]}:{POSTGRES_PORT}/{DATABASE}"
        )
        return self._site.secrets.keep(self, f"{self._name}-{suffix}-uri", uri)
