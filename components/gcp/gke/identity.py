"""Identity: who a pod is to Google's services (Workload Identity Federation for GKE).

Rights are given to the Kubernetes service account itself; there is no account of Google's in
between, and no key.
"""

from __future__ import annotations

from components.gcp.place import Place


def pool(place: Place) -> str:
    """The workload identity pool of the project, of which there is one."""
    return f"{place.project}.svc.id.goog"


def pod_member(place: Place, namespace: str, service_account: str) -> str:
    """IAM member that stands for the pods of one service account (GKE documentation, "Authenticate
    to Google Cloud APIs from GKE workloads").

    It means the account of that name in every cluster of the project.
    """
    return (
        f"principal://iam.googleapis.com/projects/{place.number}/locations/global/"
        f"workloadIdentityPools/{pool(place)}/subject/ns/{namespace}/sa/{service_account}"
    )
