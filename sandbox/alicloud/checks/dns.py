"""Records of domains."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

RECORD = "alicloud:dns/alidnsRecord:AlidnsRecord"
LEAST_SECONDS = 600
"""Of a domain without a paid edition (Alibaba Cloud DNS documentation, "TTL")."""


def domain_exists(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The domain is one of the account's."""
    known = cloud.beforehand["domains"]
    if properties["domainName"] not in known:
        yield Problem(
            "domainName",
            f"InvalidDomainName.NoExist: {properties['domainName']}; the account has "
            f"{', '.join(known)}",
        )


def time_to_live(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Records are kept for ten minutes at least."""
    if properties["ttl"] < LEAST_SECONDS:
        yield Problem("ttl", f"InvalidTTL: {properties['ttl']} s; {LEAST_SECONDS} s at least")


def alias_stands_alone(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A name that is an alias has no other records."""
    for other in cloud.all(RECORD):
        same = all(other.get(key) == properties[key] for key in ("domainName", "rr", "line"))
        if same and other.id != properties["id"]:
            kinds = {other.get("type"), properties["type"]}
            if "CNAME" in kinds or other.get("value") == properties["value"]:
                yield Problem("rr", f"DomainRecordConflict: {other.label}")
