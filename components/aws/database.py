"""Database: PostgreSQL on RDS, its replicas, and the URIs that lead to it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_aws import iam, rds

from components.args import DatabaseArgs
from components.aws import alarm_tables, catalog, log_groups
from components.aws.alarms import raise_alarms
from components.aws.fixed import DATABASE_STORAGE_TYPE, INSIGHTS_RETENTION_DAYS
from components.aws.flows import POSTGRES_PORT
from components.aws.iam import trust
from components.aws.parameters import postgres_parameters
from components.aws.site import Site
from components.letta.environment import POSTGRES_URI
from components.roles import Reference
from components.sizing import chosen

DATABASE = "letta"
ADMIN_USER = "letta_admin"
"""RDS's master user: creates the extension, which a plain owner may not, and the role."""
APP_USER = "letta"
"""Owner of the database and nothing more."""
ADMIN_URI = "BOOTSTRAP_ADMIN_URI"
"""Variable in which the bootstrap gets the administrator's URI."""
PASSWORD_LENGTH = 32
"""Characters of a database password, letters and digits; RDS allows 128."""
CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1"
"""Issuer of the servers' certificates, valid until 2061 (RDS user guide, "Using SSL/TLS")."""

MONITORING_POLICY = "service-role/AmazonRDSEnhancedMonitoringRole"
"""AWS's own policy for Enhanced Monitoring; it is confined to the log groups of RDS."""


class Database(pulumi.ComponentResource):
    """PostgreSQL with pgvector (requirements D1, D5, D6, V1).

    The physical names follow from that of the subnet group, which the provider chooses at
    preview: `<name>-<7 hex>` is the primary, `…-replica-1` a replica, `…-final` the snapshot
    that stays after a destroy. So they are known at preview, differ between deployments, and
    the log groups that RDS would make without retention or key can be made first.
    """

    references: Mapping[str, Reference]
    """The application's whole URI, by variable."""
    admin_references: Mapping[str, Reference]
    """The administrator's whole URI, by variable; for the bootstrap alone."""
    address: pulumi.Output[str]
    """Host name of the primary, without port."""
    identifier: pulumi.Output[str]
    """RDS identifier of the primary, known at preview."""
    replica_addresses: tuple[pulumi.Output[str], ...]
    """Host names of the replicas."""
    max_connections: int
    """Connections that the database accepts, its parameter group says so."""

    def __init__(
        self, name: str, args: DatabaseArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        instance_type = chosen(args.instance_type)
        super().__init__(
            "letta:aws:Database",
            name,
            {
                "instanceType": instance_type,
                "storageGib": args.storage_gib,
                "highAvailability": args.high_availability,
                "readReplicas": args.read_replicas,
            },
            opts,
        )
        self._name = name
        self._args = args
        self._site = site
        self._instance_type = instance_type
        self._child = pulumi.ResourceOptions(parent=self)
        self.max_connections = catalog.max_connections(args.memory_gib)

        subnet_group = rds.SubnetGroup(
            name,
            description=f"Zones of {name}",
            subnet_ids=list(site.network.database_subnet_ids),
            opts=self._child,
        )
        self.identifier = subnet_group.name
        self._parameter_group = self._parameters()
        monitoring = self._monitoring() if args.monitoring_interval_seconds else None

        admin_password = self._password("admin")
        primary = self._primary(subnet_group, admin_password, monitoring)
        self.address = primary.address
        self.replica_addresses = tuple(
            self._replica(index + 1, primary, monitoring).address
            for index in range(args.read_replicas)
        )
        self.admin_references = {
            ADMIN_URI: self._keep_uri("admin", ADMIN_USER, admin_password, "the administrator")
        }
        self.references = {
            POSTGRES_URI: self._keep_uri("app", APP_USER, self._password("app"), "the server")
        }
        self.register_outputs({"address": self.address, "identifier": self.identifier})

    def _parameters(self) -> rds.ParameterGroup:
        # The major version is in the name: it cannot be changed on a group in use, so an
        # upgrade attaches a new group before the old one goes.
        return rds.ParameterGroup(
            f"{self._name}-postgres{self._args.engine_version}",
            family=f"postgres{self._args.engine_version}",
            description=f"PostgreSQL {self._args.engine_version} of {self._name}",
            parameters=[
                rds.ParameterGroupParameterArgs(
                    name=parameter.name,
                    value=parameter.value,
                    apply_method=parameter.apply_method,
                )
                for parameter in postgres_parameters(self._args.memory_gib)
            ],
            opts=self._child,
        )

    def _monitoring(self) -> iam.Role:
        """Role by which RDS sends operating-system metrics; the condition keeps other accounts
        from using it (RDS user guide, "Setting up and enabling Enhanced Monitoring")."""
        place = self._site.place
        role = iam.Role(
            f"{self._name}-monitoring",
            assume_role_policy=trust(
                "monitoring.rds.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": place.account},
                    "StringLike": {"aws:SourceArn": place.arn("rds", "db:*")},
                },
            ),
            opts=self._child,
        )
        iam.RolePolicyAttachment(
            f"{self._name}-monitoring",
            role=role.name,
            policy_arn=f"arn:{place.partition}:iam::aws:policy/{MONITORING_POLICY}",
            opts=self._child,
        )
        return role

    def _primary(
        self,
        subnet_group: rds.SubnetGroup,
        password: pulumi.Output[str],
        monitoring: iam.Role | None,
    ) -> rds.Instance:
        args = self._args
        server = self._server(monitoring)
        server.engine = "postgres"
        # A major version alone follows the automatic minor upgrades without a difference.
        server.engine_version = args.engine_version
        # The stack file is where a major upgrade is decided; RDS carries it out in the next
        # maintenance window, with a snapshot before.
        server.allow_major_version_upgrade = True
        server.db_name = DATABASE
        server.username = ADMIN_USER
        server.password = password
        server.allocated_storage = args.storage_gib
        server.kms_key_id = self._site.secrets.key_arn
        server.multi_az = args.high_availability
        server.db_subnet_group_name = subnet_group.name
        server.backup_retention_period = args.backup_retention_days
        server.delete_automated_backups = False
        server.engine_lifecycle_support = "open-source-rds-extended-support-disabled"
        server.skip_final_snapshot = False
        server.final_snapshot_identifier = pulumi.Output.concat(self.identifier, "-final")
        return self._start("primary", self.identifier, server, replica=False)

    def _replica(
        self, number: int, primary: rds.Instance, monitoring: iam.Role | None
    ) -> rds.Instance:
        suffix = f"replica-{number}"
        identifier = pulumi.Output.concat(self.identifier, f"-{suffix}")
        server = self._server(monitoring)
        server.replicate_source_db = primary.identifier
        # RDS takes no final snapshot of a replica and refuses to delete one that asks for it.
        server.skip_final_snapshot = True
        # It goes with `read_replicas`, and what it holds the primary has.
        server.deletion_protection = False
        return self._start(suffix, identifier, server, replica=True)

    def _server(self, monitoring: iam.Role | None) -> rds.InstanceArgs:
        """What the primary and its replicas have in common."""
        args = self._args
        key_arn = self._site.secrets.key_arn
        return rds.InstanceArgs(
            instance_class=self._instance_type,
            storage_type=DATABASE_STORAGE_TYPE,
            max_allocated_storage=args.max_storage_gib,
            storage_encrypted=True,
            vpc_security_group_ids=[self._site.network.security_groups["database"]],
            publicly_accessible=args.publicly_accessible,
            port=POSTGRES_PORT,
            parameter_group_name=self._parameter_group.name,
            ca_cert_identifier=CERTIFICATE_AUTHORITY,
            auto_minor_version_upgrade=True,
            apply_immediately=False,
            copy_tags_to_snapshot=True,
            deletion_protection=args.deletion_protection,
            enabled_cloudwatch_logs_exports=list(log_groups.DATABASE),
            monitoring_interval=args.monitoring_interval_seconds,
            monitoring_role_arn=monitoring.arn if monitoring else None,
            performance_insights_enabled=args.performance_insights,
            performance_insights_kms_key_id=key_arn if args.performance_insights else None,
            performance_insights_retention_period=(
                INSIGHTS_RETENTION_DAYS if args.performance_insights else None
            ),
            database_insights_mode="standard",
        )

    def _start(
        self,
        suffix: str,
        identifier: pulumi.Output[str],
        server: rds.InstanceArgs,
        *,
        replica: bool,
    ) -> rds.Instance:
        server.identifier = identifier
        label = f"{self._name}-{suffix}"
        logs = [
            self._site.logs.group(
                self,
                f"{label}-{log}",
                pulumi.Output.concat("/aws/rds/instance/", identifier, f"/{log}"),
            )
            for log in log_groups.DATABASE
        ]
        instance = rds.Instance(
            label,
            server,
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=logs)),
        )
        raise_alarms(
            self,
            label,
            alarm_tables.database(
                identifier,
                self._args,
                instance_class=self._instance_type,
                max_connections=self.max_connections,
                replica=replica,
            ),
            self._site.alerts.topic_arn,
        )
        return instance

    def _password(self, user: str) -> pulumi.Output[str]:
        return self._site.secrets.generate(
            self, f"{self._name}-{user}-password", length=PASSWORD_LENGTH
        )

    def _keep_uri(
        self, suffix: str, user: str, password: pulumi.Output[str], whose: str
    ) -> Reference:
        """Store a URI without a query: the server's two drivers agree on no `ssl` parameter,
        and both use TLS by themselves."""
        uri = pulumi.Output.concat(
            "postgresql://", user, ":", password, "@", self.address, f":{POSTGRES_PORT}/{DATABASE}"
        )
        return self._site.secrets.keep(
            self, f"{self._name}-{suffix}-uri", uri, f"Database URI of {whose}"
        )
