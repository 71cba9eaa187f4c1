"""Where the rows of the book stand in AWS' price list.

Names of attributes are those of the list's JSON form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_TERM = r"(?::reserved-(?P<years>[13])y)?"
_LINUX = {
    "operation": "RunInstances",
    "tenancy": "Shared",
    "operatingSystem": "Linux",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
_APPLICATION = {"productFamily": "Load Balancer-Application"}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Which entry of AWS' list a row of the book is."""

    service: str
    sku: str
    """A pattern; its groups fill `usage`."""
    offer: str
    usage: str = ""
    """Usage type without the prefix of the region; empty: attributes alone tell."""
    where: Mapping[str, str] = field(default_factory=dict)
    """Attribute -> value."""
    begins: int | None = 0
    """Where the step of the price begins, in AWS' unit; None: any step that is not free."""
    per: int = 1
    """How many of AWS' units are one of the book's."""
    upfront: Mapping[str, str] = field(
        default_factory=lambda: {"1": "No Upfront", "3": "No Upfront"}
    )
    """Years -> the way of paying that the book means."""


RULES = (
    Rule(
        service="ec2",
        sku=rf"(?P<type>[a-z0-9-]+\.[a-z0-9-]+){_TERM}",
        offer="AmazonEC2",
        usage="BoxUsage:{type}",
        where=_LINUX,
    ),
    *(
        Rule(
            service="rds-postgres",
            sku=rf"(?P<type>db\.[a-z0-9]+\.[a-z0-9]+):{zones}{_TERM}",
            offer="AmazonRDS",
            usage=usage + ":{type}",
            where={"databaseEngine": "PostgreSQL", "deploymentOption": deployment},
            # Three years of a database cannot be had without paying in advance.
            upfront={"1": "No Upfront", "3": "Partial Upfront"},
        )
        for zones, usage, deployment in (
            ("single-az", "InstanceUsage", "Single-AZ"),
            ("multi-az", "Multi-AZUsage", "Multi-AZ"),
        )
    ),
    Rule(
        service="rds-postgres",
        sku="storage-gp3:single-az",
        offer="AmazonRDS",
        usage="RDS:GP3-Storage",
        where={"databaseEngine": "Any", "deploymentOption": "Single-AZ"},
    ),
    Rule(
        service="rds-postgres",
        sku="storage-gp3:multi-az",
        offer="AmazonRDS",
        usage="RDS:Multi-AZ-GP3-Storage",
        where={"databaseEngine": "Any", "deploymentOption": "Multi-AZ"},
    ),
    Rule(
        service="rds-postgres",
        sku="backup-beyond-free",
        offer="AmazonRDS",
        usage="RDS:ChargedBackupUsage",
        where={"databaseEngine": "Any"},
    ),
    Rule(
        service="elasticache-redis",
        sku="backup-storage",
        offer="AmazonElastiCache",
        where={"productFamily": "Storage Snapshot"},
    ),
    *(
        Rule(
            service=f"elasticache-{engine.lower()}",
            sku=rf"(?P<type>cache\.[a-z0-9]+\.[a-z0-9]+){_TERM}",
            offer="AmazonElastiCache",
            usage="NodeUsage:{type}",
            where={"cacheEngine": engine},
        )
        for engine in ("Redis", "Valkey")
    ),
    Rule(service="fargate", sku="x86:vcpu", offer="AmazonECS", usage="Fargate-vCPU-Hours:perCPU"),
    Rule(service="fargate", sku="x86:memory", offer="AmazonECS", usage="Fargate-GB-Hours"),
    Rule(
        service="fargate",
        sku="arm:vcpu",
        offer="AmazonECS",
        usage="Fargate-ARM-vCPU-Hours:perCPU",
    ),
    Rule(service="fargate", sku="arm:memory", offer="AmazonECS", usage="Fargate-ARM-GB-Hours"),
    Rule(
        service="elb", sku="alb:hour", offer="AWSELB", usage="LoadBalancerUsage", where=_APPLICATION
    ),
    Rule(service="elb", sku="alb:lcu", offer="AWSELB", usage="LCUUsage", where=_APPLICATION),
    Rule(
        service="vpc",
        sku="nat-gateway:hour",
        offer="AmazonEC2",
        usage="NatGateway-Hours",
        where={"productFamily": "NAT Gateway"},
    ),
    Rule(
        service="vpc",
        sku="nat-gateway:data",
        offer="AmazonEC2",
        usage="NatGateway-Bytes",
        where={"productFamily": "NAT Gateway"},
    ),
    Rule(
        service="vpc", sku="interface-endpoint:hour", offer="AmazonVPC", usage="VpcEndpoint-Hours"
    ),
    Rule(
        service="vpc",
        sku="interface-endpoint:data-first-1PB",
        offer="AmazonVPC",
        usage="VpcEndpoint-Bytes",
    ),
    Rule(service="vpc", sku="public-ipv4", offer="AmazonVPC", usage="PublicIPv4:InUseAddress"),
    Rule(service="eks", sku="control-plane", offer="AmazonEKS", usage="AmazonEKS-Hours:perCluster"),
    # No rule for a control plane in extended support: the book's row is the whole price of an hour,
    # the list's entry what is charged beside the plain one.
    *(
        Rule(
            service="s3",
            sku=sku,
            offer="AmazonS3",
            usage="TimedStorage-ByteHrs",
            where={"volumeType": "Standard"},
            begins=begins,
        )
        for sku, begins in (
            ("standard-first-50TB", 0),
            ("standard-next-450TB", 51_200),
            ("standard-over-500TB", 512_000),
        )
    ),
    Rule(service="s3", sku="standard-ia", offer="AmazonS3", usage="TimedStorage-SIA-ByteHrs"),
    Rule(service="s3", sku="put-standard", offer="AmazonS3", usage="Requests-Tier1", per=1000),
    Rule(service="s3", sku="get-standard", offer="AmazonS3", usage="Requests-Tier2", per=1000),
    Rule(service="s3", sku="glacier-flexible", offer="AmazonGlacier", usage="TimedStorage-ByteHrs"),
    Rule(
        service="s3",
        sku="lifecycle-to-standard-ia",
        offer="AmazonS3",
        usage="Requests-Tier4",
        per=1000,
    ),
    Rule(
        service="s3",
        sku="lifecycle-to-glacier-flexible",
        offer="AmazonS3",
        usage="Requests-Tier3",
        where={"operation": "S3-GlacierTransition"},
        per=1000,
    ),
    Rule(
        service="ebs", sku=r"(?P<type>gp2|gp3)", offer="AmazonEC2", usage="EBS:VolumeUsage.{type}"
    ),
    Rule(service="ebs", sku="snapshot-standard", offer="AmazonEC2", usage="EBS:SnapshotUsage"),
    Rule(
        service="cloudwatch",
        sku="logs-ingest",
        offer="AmazonCloudWatch",
        usage="DataProcessing-Bytes",
    ),
    Rule(
        service="cloudwatch",
        sku="logs-storage",
        offer="AmazonCloudWatch",
        usage="TimedStorage-ByteHrs",
    ),
    Rule(
        service="cloudwatch",
        sku="alarm-standard",
        offer="AmazonCloudWatch",
        where={"productFamily": "Alarm", "alarmType": "Standard"},
    ),
    Rule(
        service="cloudwatch",
        sku="custom-metric-first-10k",
        offer="AmazonCloudWatch",
        usage="CW:MetricMonitorUsage",
    ),
    Rule(
        service="cloudwatch",
        sku="alarm-high-resolution",
        offer="AmazonCloudWatch",
        where={"productFamily": "Alarm", "alarmType": "High Resolution"},
    ),
    Rule(service="kms", sku="customer-key", offer="awskms", usage="KMS-Keys"),
    Rule(
        service="kms",
        sku="requests",
        offer="awskms",
        usage="KMS-Requests",
        begins=None,
        per=10_000,
    ),
    Rule(
        service="secretsmanager",
        sku="secret",
        offer="AWSSecretsManager",
        where={"productFamily": "Secret"},
    ),
    Rule(
        service="secretsmanager",
        sku="api",
        offer="AWSSecretsManager",
        where={"productFamily": "API Request"},
        per=10_000,
    ),
    Rule(service="waf", sku="web-acl", offer="awswaf", usage="WebACLV2"),
    Rule(service="waf", sku="rule", offer="awswaf", usage="RuleV2"),
    Rule(service="waf", sku="requests", offer="awswaf", usage="RequestV2-Tier1", per=1_000_000),
    *(
        Rule(
            service="sqs",
            sku=sku,
            offer="AWSQueueService",
            where={"productFamily": "API Request", "queueType": kind},
            per=1_000_000,
        )
        for sku, kind in (("standard", "Standard"), ("fifo", "FIFO (first-in, first-out)"))
    ),
    Rule(
        service="lambda",
        sku="requests",
        offer="AWSLambda",
        where={"group": "AWS-Lambda-Requests"},
        per=1_000_000,
    ),
    Rule(
        service="lambda",
        sku="duration-x86",
        offer="AWSLambda",
        where={"group": "AWS-Lambda-Duration"},
    ),
)
