"""Where pods get the rights that a cloud gives to their service accounts."""

from __future__ import annotations

AGENTS = {"eks": ("169.254.170.23/32", 80), "gke": ("169.254.169.254/32", 80)}
"""Kind of cluster -> link-local range and port at which a pod gets the rights of its own service
account, and none of the machine's (EKS user guide, "EKS Pod Identity Agent"; GKE documentation,
"About Workload Identity Federation for GKE", with GKE Dataplane V2)."""
