"""Names of a deployment's resources.

Logical names start with a base, `letta-<stack>`, and the provider appends `-` and seven
hexadecimal digits to make the physical one. The tightest limit is that of load balancers
and target groups: 32 characters (AWS ELBv2 API reference), so base + role must stay
within 24.
"""

from __future__ import annotations

import hashlib
import re

BASE_LIMIT = 16
"""Longest base: 32 for a target group, less 8 for the suffix, less 8 for `-<role>`."""

_DIGEST_LENGTH = 4


def base_name(stack: str) -> str:
    """`letta-<stack>`, lower case; longer ones are cut and made distinct by a digest."""
    name = re.sub(r"[^a-z0-9]+", "-", f"letta-{stack}".lower()).strip("-")
    if len(name) <= BASE_LIMIT and name == f"letta-{stack}":
        return name
    digest = hashlib.sha256(stack.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{name[: BASE_LIMIT - _DIGEST_LENGTH - 1].rstrip('-')}-{digest}"
