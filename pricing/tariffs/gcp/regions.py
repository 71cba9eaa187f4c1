"""Regions by the words of Google's price list."""

from __future__ import annotations

RUN_TIER_1 = frozenset(
    {
        "asia-east1",
        "asia-northeast1",
        "asia-northeast2",
        "asia-south1",
        "europe-north1",
        "europe-southwest1",
        "europe-west1",
        "europe-west4",
        "europe-west8",
        "europe-west9",
        "me-west1",
        "us-central1",
        "us-east1",
        "us-east4",
        "us-east5",
        "us-south1",
        "us-west1",
    }
)
"""Regions in which Cloud Run costs the lower of its two prices (Cloud Run pricing, "Tier 1
pricing")."""


def run_tier(region: str) -> str:
    """End of the names of Cloud Run's rows."""
    return "tier1" if region in RUN_TIER_1 else "tier2"


def run_region(region: str) -> str:
    """Region of Cloud Run's rows: a tier costs the same in all of its regions."""
    return "us-central1" if region in RUN_TIER_1 else "tier2"


def egress_region(region: str) -> str:
    """Region of the rows of traffic to the internet."""
    return "us" if region.startswith("us-") else region
