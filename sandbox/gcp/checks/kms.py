"""Encryption keys, and who may use them."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem
from sandbox.gcp.cloud import GcpCloud

GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


def stays(properties: Properties, cloud: GcpCloud) -> Iterator[tuple[str, str]]:
    """Key rings and keys are never deleted, and their names stay taken."""
    yield "kms key or ring", str(properties["id"])


def usable_by(member: str, key: str | None, where: str, cloud: GcpCloud) -> Iterator[Problem]:
    """What is wrong when one of Google's services may not use the key."""
    if key is None:
        return
    granted = any(
        item.get("cryptoKeyId") == key and item.get("member") == member and item.get("role") == ROLE
        for item in cloud.all(GRANT)
    )
    if not granted:
        yield Problem(
            where,
            f"{member.removeprefix('serviceAccount:')} may not use the key {key}: grant it {ROLE} "
            "first",
        )


def agent(service: str, cloud: GcpCloud) -> str:
    """The account of one of Google's services in the project."""
    return f"serviceAccount:service-{cloud.number}@{service}.iam.gserviceaccount.com"


def logging_agent(cloud: GcpCloud) -> str:
    """The account of Cloud Logging in the project."""
    return f"serviceAccount:cmek-p{cloud.number}@gcp-sa-logging.iam.gserviceaccount.com"


def storage_agent(cloud: GcpCloud) -> str:
    """The account of Cloud Storage in the project."""
    return f"serviceAccount:service-{cloud.number}@gs-project-accounts.iam.gserviceaccount.com"


def found(key: str, cloud: GcpCloud) -> CloudObject | None:
    """The key of that resource name."""
    return cloud.find("gcp:kms/cryptoKey:CryptoKey", "id", key)
