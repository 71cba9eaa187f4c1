"""Rules of the web application firewall, as data."""

from __future__ import annotations

from components.args import IngressArgs

MANAGED_RULES: tuple[str, ...] = (
    "lfi-v33-stable",
    "rfi-v33-stable",
    "rce-v33-stable",
    "scannerdetection-v33-stable",
    "protocolattack-v33-stable",
    "sessionfixation-v33-stable",
    "cve-canary",
)
"""Preconfigured rules of Cloud Armor. Those against SQL and scripts in a body are left out: what
users write to agents holds both (Cloud Armor documentation, "Google Cloud Armor preconfigured WAF
rules overview"). So is the one on methods: it knows GET, HEAD, POST and OPTIONS alone (OWASP Core
Rule Set 3.3, rule 911100), and the API has PATCH, PUT and DELETE."""
SENSITIVITY = 1
"""The signatures with the fewest false alarms."""
MANAGED_PRIORITY = 1000
"""Of the first rule that inspects."""
CALLERS_PRIORITY = 2000
"""Of the first rule that admits."""
RATE_SECONDS = 300
"""Five minutes, in which `ingress.waf.requests_per_five_minutes` are counted."""
DEFAULT_PRIORITY = 2_147_483_647
"""The rule that every policy ends with."""
ADDRESSES_PER_RULE = 10
"""Ranges that one rule takes (Cloud Armor documentation, "Quotas and limits")."""

EVERYONE = "0.0.0.0/0"


def count(args: IngressArgs) -> int:
    """Rules of the policy that the arguments ask for; 0: there is no policy."""
    open_to_all = EVERYONE in args.allowed_cidrs
    if args.waf is None and open_to_all:
        return 0
    sources = 1 if open_to_all else len(args.allowed_cidrs)
    inspecting = len(MANAGED_RULES) if args.waf else 0
    return inspecting + -(-sources // ADDRESSES_PER_RULE) + 1
