"""Database: PostgreSQL on Cloud SQL, its replicas, and the URIs that lead to it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_gcp import sql

from components.args import DatabaseArgs
from components.gcp import alarm_tables, catalog
from components.gcp.alarms import raise_alarms
from components.gcp.fixed import (
    DATABASE_EDITION,
    DATABASE_STORAGE_TYPE,
    FINAL_BACKUP_DAYS,
    MOST_LOG_DAYS,
)
from components.gcp.parameters import flags
from components.gcp.ports import POSTGRES_PORT
from components.gcp.site import Site
from components.letta.bootstrap import ADMIN_URI
from components.letta.environment import POSTGRES_URI
from components.roles import Reference
from components.sizing import chosen

DATABASE = "letta"
ADMIN_USER = "letta_admin"
"""A user made by the API is a member of `cloudsqlsuperuser`: it creates the extension, which a
plain owner may not, and the role."""
APP_USER = "letta"
"""Owner of the database and nothing more."""
PASSWORD_LENGTH = 32
"""Characters of a database password, letters and digits."""


class Database(pulumi.ComponentResource):
    """PostgreSQL with pgvector (requirements D2, D5, D6, V1)."""

    references: Mapping[str, Reference]
    """The application's whole URI, by variable."""
    admin_references: Mapping[str, Reference]
    """The administrator's whole URI, by variable; for the bootstrap alone."""
    address: pulumi.Output[str]
    """Private address of the primary."""
    replica_addresses: tuple[pulumi.Output[str], ...]
    """Private addresses of the replicas."""
    max_connections: int
    """Connections that the server accepts."""

    def __init__(
        self, name: str, args: DatabaseArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        tier = chosen(args.instance_type)
        super().__init__(
            "letta:gcp:Database",
            name,
            {
                "tier": tier,
                "storageGib": args.storage_gib,
                "highAvailability": args.high_availability,
                "readReplicas": args.read_replicas,
            },
            opts,
        )
        self._name = name
        self._args = args
        self._site = site
        self._tier = tier
        self._child = pulumi.ResourceOptions(parent=self)
        self.max_connections = catalog.max_connections(self._tier)

        primary = self._start("primary", None)
        self.address = primary.private_ip_address
        self.replica_addresses = tuple(
            self._start(f"replica-{index + 1}", primary).private_ip_address
            for index in range(args.read_replicas)
        )
        database = sql.Database(
            name,
            name=DATABASE,
            instance=primary.name,
            # Gone with the instance; alone, it could not go while connections are open.
            deletion_policy="ABANDON",
            opts=self._child,
        )
        admin_password = self._password("admin")
        admin = sql.User(
            f"{name}-admin",
            name=ADMIN_USER,
            instance=primary.name,
            password=admin_password,
            # It owns the extension, and PostgreSQL deletes no owner.
            deletion_policy="ABANDON",
            opts=self._child,
        )
        ready: list[pulumi.Resource] = [database, admin]
        self.admin_references = {
            ADMIN_URI: self._keep_uri("admin", ADMIN_USER, admin_password, ready)
        }
        self.references = {
            POSTGRES_URI: self._keep_uri("app", APP_USER, self._password("app"), ready)
        }
        self.register_outputs({"address": self.address})

    def _start(self, suffix: str, primary: sql.DatabaseInstance | None) -> sql.DatabaseInstance:
        args = self._args
        label = f"{self._name}-{suffix}"
        # A replica goes with `read_replicas`, and what it holds the primary has.
        protected = args.deletion_protection and primary is None
        instance = sql.DatabaseInstance(
            label,
            database_version=f"POSTGRES_{args.engine_version}",
            region=self._site.place.region,
            master_instance_name=primary.name if primary else None,
            encryption_key_name=self._site.secrets.key,
            settings=self._settings(replica=primary is not None),
            deletion_protection=protected,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[self._site.network.peering, *self._site.secrets.ready],
                # The disk grows by itself. To ignore that would also ignore a larger one that the
                # stack file asks for; but one that is smaller than it has become, which a refresh
                # tells, would be a new and empty database: the engine itself must refuse that.
                protect=protected,
            ),
        )
        raise_alarms(
            self,
            label,
            alarm_tables.database(
                instance.name.apply(lambda named: f"{self._site.place.project}:{named}"),
                max_connections=self.max_connections,
                max_storage_gib=args.max_storage_gib,
                replica=primary is not None,
            ),
            self._site.alerts.channels,
        )
        return instance

    def _settings(self, *, replica: bool) -> sql.DatabaseInstanceSettingsArgs:
        args, network = self._args, self._site.network
        standby = args.high_availability and not replica
        return sql.DatabaseInstanceSettingsArgs(
            tier=self._tier,
            edition=DATABASE_EDITION,
            availability_type="REGIONAL" if standby else "ZONAL",
            disk_type=DATABASE_STORAGE_TYPE,
            disk_size=args.storage_gib,
            disk_autoresize=True,
            disk_autoresize_limit=args.max_storage_gib,
            backup_configuration=None if replica else self._backups(),
            ip_configuration=sql.DatabaseInstanceSettingsIpConfigurationArgs(
                ipv4_enabled=args.publicly_accessible,
                private_network=network.path,
                allocated_ip_range=network.services_range,
                ssl_mode="ENCRYPTED_ONLY",
            ),
            insights_config=sql.DatabaseInstanceSettingsInsightsConfigArgs(
                query_insights_enabled=args.performance_insights
            ),
            maintenance_window=None
            if replica
            else sql.DatabaseInstanceSettingsMaintenanceWindowArgs(
                day=7, hour=4, update_track="stable"
            ),
            database_flags=[
                sql.DatabaseInstanceSettingsDatabaseFlagArgs(name=name, value=value)
                for name, value in flags(self._tier, replica=replica).items()
            ],
            deletion_protection_enabled=args.deletion_protection and not replica,
            final_backup_config=None
            if replica
            else sql.DatabaseInstanceSettingsFinalBackupConfigArgs(
                enabled=True, retention_days=FINAL_BACKUP_DAYS
            ),
            retain_backups_on_delete=None if replica else True,
            user_labels=dict(self._site.place.labels),
        )

    def _backups(self) -> sql.DatabaseInstanceSettingsBackupConfigurationArgs:
        days = self._args.backup_retention_days
        if not days:
            return sql.DatabaseInstanceSettingsBackupConfigurationArgs(enabled=False)
        return sql.DatabaseInstanceSettingsBackupConfigurationArgs(
            enabled=True,
            start_time="03:00",
            point_in_time_recovery_enabled=True,
            transaction_log_retention_days=min(days, MOST_LOG_DAYS),
            backup_retention_settings=sql.DatabaseInstanceSettingsBackupConfigurationBackupRetentionSettingsArgs(
                retained_backups=days, retention_unit="COUNT"
            ),
        )

    def _password(self, user: str) -> pulumi.Output[str]:
        return self._site.secrets.generate(
            self, f"{self._name}-{user}-password", length=PASSWORD_LENGTH
        )

    def _keep_uri(
        self, suffix: str, user: str, password: pulumi.Output[str], ready: list[pulumi.Resource]
    ) -> Reference:
        """Store a URI without a query: the server's two drivers agree on no `ssl` parameter,
        and both use TLS by themselves. It is there once database and users are."""
        uri = pulumi.Output.all(
            password, self.address, *(resource.urn for resource in ready)
        ).apply(
            lambda found: f"postgresql://{user}:{found[0]}@{found[1]}:{POSTGRES_PORT}/{DATABASE}"
        )
        return self._site.secrets.keep(self, f"{self._name}-{suffix}-uri", uri)
