"""Certificates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

_CERTIFICATE: Final = "aws:acm/certificate:Certificate"
_RECORD: Final = "aws:route53/record:Record"


def validation_options(properties: Properties, cloud: AwsCloud) -> list[dict[str, str]]:
    """The record that shows a domain to be one's own, for each name of the certificate."""
    if properties["validationMethod"] != "DNS":
        return []
    names = [properties["domainName"], *(properties["subjectAlternativeNames"] or [])]
    return [_option(name, cloud.account) for name in dict.fromkeys(names)]


def _option(name: str, account: str) -> dict[str, str]:
    """A wildcard has the record of the domain below it, as with ACM."""
    base = name.removeprefix("*.")
    token = hashlib.sha256(f"{account}/{base}".encode()).hexdigest()
    return {
        "domainName": name,
        "resourceRecordName": f"_{token[:32]}.{base}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{token[32:]}.{token[:10]}.acm-validations.aws.",
    }


def issued(certificate: CloudObject, cloud: AwsCloud) -> bool:
    """Whether ACM has issued the certificate: imported, or all its records exist."""
    return certificate.get("status") == "ISSUED" or not list(_missing(certificate, cloud))


def _missing(certificate: CloudObject, cloud: AwsCloud) -> Iterator[dict[str, str]]:
    records = {
        (str(record.get("fqdn")).rstrip("."), value.rstrip("."))
        for record in cloud.all(_RECORD)
        for value in record.get("records") or []
    }
    for option in certificate.get("domainValidationOptions") or []:
        wanted = (
            option["resourceRecordName"].rstrip("."),
            option["resourceRecordValue"].rstrip("."),
        )
        if wanted not in records:
            yield option


def validation_records_exist(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """ACM waits in vain while a record is missing."""
    certificate = cloud.find(_CERTIFICATE, "arn", properties["certificateArn"])
    if certificate is None or certificate.get("status") == "ISSUED":
        return
    for option in _missing(certificate, cloud):
        yield Problem(
            "certificateArn",
            "timeout while waiting for state to become 'ISSUED' (last state: "
            f"'PENDING_VALIDATION'): create the record {option['resourceRecordName']} "
            f"{option['resourceRecordType']} {option['resourceRecordValue']}",
        )
