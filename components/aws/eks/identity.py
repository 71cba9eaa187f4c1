"""Identity: what a service account of the cluster may do on AWS (EKS Pod Identity)."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws import eks

from components.aws.iam import Statement, role, trust
from components.aws.place import Place


def pod_trust(place: Place, namespace: str, service_account: str) -> str:
    """The document by which EKS hands a role to the pods of one service account of this
    account's clusters (EKS user guide, "Create IAM role with trust policy required by EKS Pod
    Identity"). Which cluster, is said by the association alone."""
    return trust(
        "pods.eks.amazonaws.com",
        {
            "StringEquals": {
                "aws:SourceAccount": place.account,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service_account,
            }
        },
        actions=("sts:AssumeRole", "sts:TagSession"),
    )


def pod_identity(
    parent: pulumi.Resource,
    name: str,
    place: Place,
    cluster_name: pulumi.Input[str],
    namespace: str,
    service_account: str,
    statements: Sequence[Statement],
) -> eks.PodIdentityAssociation:
    """Let the pods of a service account do what the statements say.

    EKS adds the credentials when a pod is admitted: whatever starts the pods depends on the
    association.
    """
    trusted = pod_trust(place, namespace, service_account)
    return eks.PodIdentityAssociation(
        name,
        cluster_name=cluster_name,
        namespace=namespace,
        service_account=service_account,
        role_arn=role(parent, name, place, trusted, statements).arn,
        opts=pulumi.ResourceOptions(parent=parent),
    )
