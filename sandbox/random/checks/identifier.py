"""Random identifiers: the same bytes in several notations, behind a prefix."""

from __future__ import annotations

import base64
import secrets

from sandbox.cloud import Cloud, Properties


def fresh(properties: Properties, cloud: Cloud) -> str:
    """New bytes, in the notation of the resource's id: base64 for URLs without padding."""
    return _url_safe(secrets.token_bytes(properties["byteLength"]))


def b64_url(properties: Properties, cloud: Cloud) -> str:
    """Base64 for URLs, without padding."""
    return _prefix(properties) + _url_safe(_bytes(properties))


def b64_std(properties: Properties, cloud: Cloud) -> str:
    """Standard base64."""
    return _prefix(properties) + base64.b64encode(_bytes(properties)).decode()


def decimal(properties: Properties, cloud: Cloud) -> str:
    """A decimal number."""
    return _prefix(properties) + str(int.from_bytes(_bytes(properties)))


def hexadecimal(properties: Properties, cloud: Cloud) -> str:
    """Hex digits, always two to a byte."""
    return _prefix(properties) + _bytes(properties).hex()


def _prefix(properties: Properties) -> str:
    return properties["prefix"] or ""


def _bytes(properties: Properties) -> bytes:
    identifier: str = properties["id"]
    return base64.urlsafe_b64decode(identifier + "=" * (-len(identifier) % 4))


def _url_safe(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
