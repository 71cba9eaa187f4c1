"""AWS Price List: the bulk files of one service and region, as CSV.

As CSV because the file of EC2 has some hundred MB: it is read line by line. Names of attributes are
those of the JSON form, which the CSV headings spell with spaces and capitals.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TextIO

from pricing.book import Price
from tools.refresh_prices.source import Fetch, Found, Kept, Unreadable, one_of

URL = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{offer}/current/{region}/index.csv"

HOURS_A_YEAR = 8760

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
    usage: str
    """Usage type without the prefix of the region."""
    where: Mapping[str, str] = field(default_factory=dict)
    """Attribute -> value."""
    begins: int = 0
    """Where the step of the price begins, in AWS' unit."""
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
    Rule(
        service="eks",
        sku="control-plane-extended-support",
        offer="AmazonEKS",
        usage="AmazonEKS-Hours:extendedSupport",
    ),
    *(
        Rule(service="s3", sku=sku, offer="AmazonS3", usage="TimedStorage-ByteHrs", begins=begins)
        for sku, begins in (
            ("standard-first-50TB", 0),
            ("standard-next-450TB", 51_200),
            ("standard-over-500TB", 512_000),
        )
    ),
    Rule(service="s3", sku="standard-ia", offer="AmazonS3", usage="TimedStorage-SIA-ByteHrs"),
    Rule(service="s3", sku="put-standard", offer="AmazonS3", usage="Requests-Tier1", per=1000),
    Rule(service="s3", sku="get-standard", offer="AmazonS3", usage="Requests-Tier2", per=1000),
    Rule(
        service="ebs", sku=r"(?P<type>gp2|gp3)", offer="AmazonEC2", usage="EBS:VolumeUsage.{type}"
    ),
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
        usage="CW:AlarmMonitorUsage",
        where={"alarmType": "Standard"},
    ),
    Rule(
        service="cloudwatch",
        sku="custom-metric-first-10k",
        offer="AmazonCloudWatch",
        usage="CW:MetricMonitorUsage",
    ),
    Rule(service="kms", sku="customer-key", offer="awskms", usage="KMS-Keys"),
)


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """A row of the book and what its entry looks like."""

    row: Price
    rule: Rule
    usage: str
    years: str | None
    """Of a reservation; None: on demand."""

    def is_in(self, entry: Mapping[str, str]) -> bool:
        term = {"termType": "OnDemand"}
        if self.years:
            term = {
                "termType": "Reserved",
                "leaseContractLength": f"{self.years}yr",
                "purchaseOption": self.rule.upfront[self.years],
            }
            if entry.get(_plain("offeringClass")) not in (None, "", "standard"):
                return False
        asked = {**self.rule.where, **term}
        return all(entry.get(_plain(name)) == value for name, value in asked.items())


def find(rows: Sequence[Price], fetch: Fetch) -> dict[Price, Found | Kept]:
    """Every row that a rule covers, from the files of the services and regions it takes."""
    by_file: dict[tuple[str, str], list[_Wanted]] = defaultdict(list)
    for row in rows:
        if wanted := _wanted(row):
            by_file[wanted.rule.offer, row.region].append(wanted)
    answers: dict[Price, Found | Kept] = {}
    for (offer, region), asked in by_file.items():
        try:
            with fetch(URL.format(offer=offer, region=region), {}) as text:
                answers |= _read(text, asked)
        except Unreadable as error:
            answers |= {w.row: Kept(reason=str(error), unreadable=True) for w in asked}
    return answers


def covers(rule: Rule, row: Price) -> re.Match[str] | None:
    """Whether `rule` says where `row` stands in AWS' list, and what fills the rule."""
    return re.fullmatch(rule.sku, row.sku) if row.service == rule.service else None


def _wanted(row: Price) -> _Wanted | None:
    for rule in RULES:
        if found := covers(rule, row):
            groups = found.groupdict()
            return _Wanted(
                row=row, rule=rule, usage=rule.usage.format(**groups), years=groups.get("years")
            )
    return None


def _read(text: TextIO, asked: Sequence[_Wanted]) -> dict[Price, Found | Kept]:
    by_usage: dict[str, list[_Wanted]] = defaultdict(list)
    for wanted in asked:
        by_usage[wanted.usage].append(wanted)
    hourly: dict[Price, set[Decimal]] = defaultdict(set)
    upfront: dict[Price, set[Decimal]] = defaultdict(set)
    for entry in _entries(text):
        usage = entry["usagetype"]
        # `EUC1-BoxUsage:m5.large`: what stands before the first hyphen may be a region.
        for name in (usage, usage.partition("-")[2]):
            for wanted in by_usage.get(name, ()):
                if wanted.is_in(entry):
                    paid = upfront if entry["unit"] == "Quantity" else hourly
                    if wanted.years or entry["startingrange"] == str(wanted.rule.begins):
                        paid[wanted.row].add(_usd(entry) * wanted.rule.per)
    return {
        wanted.row: _answer(wanted, hourly[wanted.row], upfront[wanted.row]) for wanted in asked
    }


def _answer(wanted: _Wanted, hourly: set[Decimal], upfront: set[Decimal]) -> Found | Kept:
    source = f"AWS Price List, {wanted.rule.offer} {wanted.row.region}, {wanted.usage}"
    if wanted.years:
        hours = HOURS_A_YEAR * int(wanted.years)
        source += f", reserved {wanted.years} y, {wanted.rule.upfront[wanted.years].lower()}"
        if len(upfront) > 1 or (upfront and len(hourly) != 1):
            return one_of(hourly | upfront, source)
        in_advance = sum(upfront, Decimal(0)) / hours
        hourly = {round(price + in_advance, 8).normalize() for price in hourly}
    return one_of({price.normalize() for price in hourly}, source)


def _entries(text: TextIO) -> Iterator[dict[str, str]]:
    """The lines below the heading, which follows some lines about the file."""
    lines = csv.reader(text)
    heading = next((line for line in lines if line and line[0] == "SKU"), None)
    if heading is None:
        raise Unreadable("the price list of AWS has no heading that begins with SKU")
    names = [_plain(name) for name in heading]
    needed = {"termtype", "usagetype", "unit", "startingrange", "priceperunit", "currency"}
    if missing := needed - set(names):
        raise Unreadable(f"the price list of AWS has no column {', '.join(sorted(missing))}")
    for line in lines:
        entry = dict(zip(names, line, strict=False))
        if len(line) == len(names) and entry["currency"] == "USD":
            yield entry


def _usd(entry: Mapping[str, str]) -> Decimal:
    try:
        return Decimal(entry["priceperunit"])
    except InvalidOperation as error:
        raise Unreadable(
            f"the price list of AWS has {entry['priceperunit']!r} for a price"
        ) from error


def _plain(name: str) -> str:
    """`preInstalledSw`, `Pre Installed S/W` -> `preinstalledsw`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
