"""Database: PostgreSQL on RDS, its read-only instances, and the URIs that lead to it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_alicloud import rds

from components.alicloud import alarm_tables, catalog
from components.alicloud.alerts import raise_alarms
from components.alicloud.disk import growth
from components.alicloud.fixed import (
    DATABASE_EDITION,
    DATABASE_STORAGE_TYPE,
    FINAL_BACKUP,
    STORE_ZONES,
)
from components.alicloud.parameters import parameters
from components.alicloud.ports import POSTGRES_PORT
from components.alicloud.site import Site
from components.args import DatabaseArgs
from components.letta.bootstrap import ADMIN_URI
from components.letta.environment import POSTGRES_URI
from components.roles import Reference
from components.sizing import chosen
from components.workloads import kept

DATABASE = "letta"
ADMIN_USER = "letta_admin"
"""A privileged account: it creates the extension, which a plain owner may not, and the role."""
APP_USER = "letta"
"""Owner of the database and nothing more."""
PASSWORD_LENGTH = 32
"""Characters of a database password, letters and digits: the most that RDS takes (provider
documentation, `alicloud_db_account`)."""
LEAST_OF_EACH = 1
"""Capitals, small letters and digits that a password must have: RDS wants three kinds (the same
page)."""
GROWTH_PERCENT = 10
"""Share of the disk that is free when RDS makes it larger."""
STATISTICS_DAYS = 30
"""How long SQL Explorer keeps statements."""
SERVICE_KEY = "ServiceKey"
"""Stands for the key that RDS keeps itself: a class that shares its machine takes no other (RDS
documentation, "Configure the disk encryption feature")."""
MONITORING_SECONDS = 60
DATABASE_TIMEOUT = "30m"
BACKUP_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MAINTENANCE = "19:00Z-20:00Z"
BACKUP_TIME = "03:00Z-04:00Z"


class Database(pulumi.ComponentResource):
    """PostgreSQL with pgvector (requirements D4, D5, D6, V1), always with a standby in a second
    zone."""

    references: Mapping[str, Reference]
    """The application's whole URI, by variable."""
    admin_references: Mapping[str, Reference]
    """The administrator's whole URI, by variable; for the bootstrap alone."""
    address: pulumi.Output[str]
    """Private host name of the primary; follows a failover."""
    replica_addresses: tuple[pulumi.Output[str], ...]
    """Private host names of the read-only instances."""
    max_connections: int
    """Connections that the class accepts."""

    def __init__(
        self, name: str, args: DatabaseArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        kind = chosen(args.instance_type)
        super().__init__(
            "letta:alicloud:Database",
            name,
            {
                "instanceType": kind,
                "storageGib": args.storage_gib,
                "highAvailability": args.high_availability,
                "readReplicas": args.read_replicas,
            },
            opts,
        )
        self._name, self._args, self._site = name, args, site
        self._class = catalog.database_class(kind)
        self._child = pulumi.ResourceOptions(parent=self)
        self._protected = pulumi.ResourceOptions(parent=self, protect=args.deletion_protection)
        self.max_connections = self._class.max_connections
        primary = self._primary()
        self.address = primary.connection_string
        backups = rds.BackupPolicy(
            name,
            instance_id=primary.id,
            preferred_backup_periods=list(BACKUP_DAYS),
            preferred_backup_time=BACKUP_TIME,
            backup_retention_period=args.backup_retention_days,
            enable_backup_log=True,
            log_backup_retention_period=args.backup_retention_days,
            released_keep_policy=FINAL_BACKUP,
            opts=self._child,
        )
        admin_password = self._password("admin")
        admin = rds.Account(
            f"{name}-admin",
            db_instance_id=primary.id,
            account_name=ADMIN_USER,
            account_type="Super",
            account_password=admin_password,
            opts=self._child,
        )
        database = rds.Database(
            name,
            instance_id=primary.id,
            data_base_name=DATABASE,
            character_set="UTF8",
            # Its owner is the first privileged account: there must be one. It waits out what a
            # change of the server takes, and the time the provider gives itself is 5 minutes.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[admin],
                custom_timeouts=pulumi.CustomTimeouts(create=DATABASE_TIMEOUT),
            ),
        )
        self.replica_addresses = tuple(
            self._replica(index, primary, [backups, database])
            for index in range(args.read_replicas)
        )
        ready: list[pulumi.Resource] = [database, admin]
        self.admin_references = {
            ADMIN_URI: self._keep_uri("admin", ADMIN_URI, ADMIN_USER, admin_password, ready)
        }
        self.references = {
            POSTGRES_URI: self._keep_uri(
                "app", POSTGRES_URI, APP_USER, self._password("app"), ready
            )
        }
        self.register_outputs({"address": self.address})

    def _primary(self) -> rds.Instance:
        args, site, label = self._args, self._site, f"{self._name}-primary"
        network = site.network
        disk = growth(self, label, args, site.place)
        instance = rds.Instance(
            label,
            instance_name=label,
            engine="PostgreSQL",
            engine_version=f"{args.engine_version}.0",
            instance_type=self._class.name,
            category=DATABASE_EDITION,
            instance_charge_type="Postpaid",
            db_instance_storage_type=DATABASE_STORAGE_TYPE,
            instance_storage=args.storage_gib,
            storage_auto_scale=disk.auto_scale,
            storage_threshold=GROWTH_PERCENT,
            storage_upper_bound=args.max_storage_gib,
            zone_id=network.zones[0],
            # It can never change: the instance would be a new and empty one.
            zone_id_slave_a=network.zones[1],
            vswitch_id=pulumi.Output.all(*network.store_switches[:STORE_ZONES]).apply(",".join),
            port=str(POSTGRES_PORT),
            security_ips=self._callers(),
            encryption_key=site.key.id if self._class.dedicated else SERVICE_KEY,
            ssl_action="Open",
            deletion_protection=args.deletion_protection,
            auto_upgrade_minor_version="Auto",
            maintain_time=MAINTENANCE,
            monitoring_period=MONITORING_SECONDS,
            sql_collector_status="Enabled" if args.performance_insights else "Disabled",
            sql_collector_config_value=STATISTICS_DAYS if args.performance_insights else None,
            parameters=[
                rds.InstanceParameterArgs(name=name, value=value)
                for name, value in parameters(self._class.name).items()
            ],
            tags=disk.tags,
            opts=self._protected,
        )
        self._watch(label, instance.id, replica=False)
        return instance

    def _replica(
        self, index: int, primary: rds.Instance, after: list[pulumi.Resource]
    ) -> pulumi.Output[str]:
        args, site, label = self._args, self._site, f"{self._name}-replica-{index + 1}"
        network = site.network
        zone = index % len(network.zones)
        instance = rds.ReadOnlyInstance(
            label,
            instance_name=label,
            master_db_instance_id=primary.id,
            engine_version=f"{args.engine_version}.0",
            instance_type=self._class.read_only,
            instance_charge_type="Postpaid",
            db_instance_storage_type=DATABASE_STORAGE_TYPE,
            # It follows the primary's, which grows by itself.
            instance_storage=args.storage_gib,
            zone_id=network.zones[zone],
            vswitch_id=network.store_switches[zone],
            security_ips=self._callers(),
            ssl_enabled=1,
            # It goes with `read_replicas`, and what it holds the primary has.
            deletion_protection=False,
            # It inherits none of the primary's.
            parameters=[
                rds.ReadOnlyInstanceParameterArgs(name=name, value=value)
                for name, value in parameters(self._class.name).items()
            ],
            tags=site.place.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )
        self._watch(label, instance.id, replica=True)
        return instance.connection_string

    def _callers(self) -> list[str]:
        """The whitelist: machines, for their own sake, and pods, which have addresses of the
        network."""
        network = self._site.network
        return [*network.node_cidrs, *network.pod_cidrs]

    def _watch(self, name: str, instance: pulumi.Output[str], *, replica: bool) -> None:
        specs = alarm_tables.database(
            instance, max_connections=self.max_connections, replica=replica
        )
        raise_alarms(self, name, specs, self._site.alerts, self._site.place)

    def _password(self, user: str) -> pulumi.Output[str]:
        return kept.generate(
            self,
            f"{self._name}-{user}-password",
            PASSWORD_LENGTH,
            least_of_each=LEAST_OF_EACH,
        )

    def _keep_uri(
        self,
        suffix: str,
        variable: str,
        user: str,
        password: pulumi.Output[str],
        ready: list[pulumi.Resource],
    ) -> Reference:
        """Store a URI without a query: the server's two drivers agree on no `ssl` parameter,
        and both use TLS by themselves. It is there once database and account are."""
        uri = pulumi.Output.all(
            password, self.address, *(resource.urn for resource in ready)
        ).apply(
            lambda found: f"postgresql://{user}:{found[0]}@{found[1]}:{POSTGRES_PORT}/{DATABASE}"
        )
        secret = kept.keep(
            self, f"{self._name}-{suffix}-uri", {variable: uri}, opts=self._site.kept
        )
        return kept.reference(secret, variable)
