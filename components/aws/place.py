"""Where a stack lives, and the ARNs that follow from a known name.

An ARN that the cloud reports is unknown until its object exists; one made here from a name
that the provider chose at preview is known at preview, so policies can read what holds it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """Region and account of a stack."""

    region: str
    account: str
    """Twelve digits."""
    partition: str
    """First part of every ARN after `arn:`; `aws` in the commercial regions."""

    def arn(self, service: str, resource: str) -> str:
        """ARN of a regional resource of this account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    @property
    def account_root(self) -> str:
        """The principal that stands for whomever this account's IAM policies admit."""
        return f"arn:{self.partition}:iam::{self.account}:root"
