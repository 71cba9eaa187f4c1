"""The ground: what a stack on AWS has before it has a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.aws.alerts import Alerts
from components.aws.logs import Logs
from components.aws.network import Network
from components.aws.place import Place
from components.aws.secrets import Secrets
from components.roles import Reference

SITE_TAG = "letta:site"
"""Tag of what belongs to a stack: by it an instance finds the address of its own stack, and may
take no other."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Network, key, secret store, alerts and logs of one stack."""

    place: Place
    network: Network
    secrets: Secrets
    alerts: Alerts
    logs: Logs

    @property
    def region(self) -> str:
        """Region of every resource of the stack."""
        return self.place.region

    @property
    def account(self) -> str:
        """Account of every resource of the stack, twelve digits."""
        return self.place.account

    @property
    def partition(self) -> str:
        """First part of every ARN after `arn:`; `aws` in the commercial regions."""
        return self.place.partition

    @property
    def references(self) -> Mapping[str, Reference]:
        """Generated server password and encryption key, and the provider keys, by variable."""
        return self.secrets.references

    @property
    def server_password(self) -> pulumi.Output[str]:
        """The generated password that clients send; a secret output."""
        return self.secrets.server_password
