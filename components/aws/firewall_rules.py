"""Rules of the web application firewall (requirement N5)."""

from __future__ import annotations

from collections.abc import Mapping

WINDOW_SECONDS = 300
"""Window of the rate limit."""
RATE_LIMIT = "rate-limit"

MANAGED_RULES: Mapping[str, tuple[str, ...]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (
        "JavaDeserializationRCE_BODY",
        "Log4JRCE_BODY",
        "ReactJSRCE_BODY",
    ),
    "AWSManagedRulesCommonRuleSet": (
        "SizeRestrictions_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "CrossSiteScripting_BODY",
    ),
    "AWSManagedRulesSQLiRuleSet": ("SQLi_BODY", "SQLiExtendedPatterns_BODY"),
}
"""Managed rule group -> its rules that are counted only (WAF developer guide, "AWS Managed Rules
rule groups list"). All of these look at the body, which is a prompt: it may be long, and it may
hold code, SQL and addresses. Paths, queries and headers are held to every rule."""
