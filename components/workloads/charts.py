"""Helm charts: every chart that a cluster gets, with its source and its pinned version.

A chart brings images, roles and definitions of its own, so it is pinned like a dependency:
these are the versions whose published values were read when their settings were written.
"""

from __future__ import annotations

from dataclasses import dataclass

_OCI = "oci://"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart and where it comes from."""

    name: str
    """The chart's name, and the release's."""
    repository: str
    """Address of a chart repository (`https://…`) or of a folder of a registry (`oci://…`)."""
    version: str
    """Exact version."""
    kinds: tuple[str, ...] = ()
    """Custom resources that it brings and that are used here, `<apiVersion>/<kind>`."""

    @property
    def address(self) -> str:
        """What Helm is told to install: a name within the repository, or a whole OCI address."""
        return f"{self.repository}/{self.name}" if self.is_oci else self.name

    @property
    def is_oci(self) -> bool:
        """Whether the chart is an artefact of a registry."""
        return self.repository.startswith(_OCI)


AWS_LOAD_BALANCER_CONTROLLER = Chart(
    name="aws-load-balancer-controller",
    repository="https://aws.github.io/eks-charts",
    version="3.5.0",
    kinds=("elbv2.k8s.aws/v1beta1/TargetGroupBinding",),
)
CLUSTER_AUTOSCALER = Chart(
    name="cluster-autoscaler",
    repository="https://kubernetes.github.io/autoscaler",
    version="9.59.0",
)
EXTERNAL_SECRETS = Chart(
    name="external-secrets",
    repository="https://charts.external-secrets.io",
    version="2.9.0",
    kinds=("external-secrets.io/v1/SecretStore", "external-secrets.io/v1/ExternalSecret"),
)
KEDA = Chart(
    name="keda",
    repository="https://kedacore.github.io/charts",
    version="2.20.2",
    kinds=("keda.sh/v1alpha1/ScaledObject",),
)
LEADER_WORKER_SET = Chart(
    name="lws",
    repository="oci://registry.k8s.io/lws/charts",
    version="0.10.0",
    kinds=("leaderworkerset.x-k8s.io/v1/LeaderWorkerSet",),
)
NVIDIA_DEVICE_PLUGIN = Chart(
    name="nvidia-device-plugin",
    repository="https://nvidia.github.io/k8s-device-plugin",
    version="0.20.0",
)
PROMETHEUS = Chart(
    name="prometheus",
    repository="https://prometheus-community.github.io/helm-charts",
    version="29.27.0",
)

CHARTS = {
    chart.name: chart
    for chart in (
        AWS_LOAD_BALANCER_CONTROLLER,
        CLUSTER_AUTOSCALER,
        EXTERNAL_SECRETS,
        KEDA,
        LEADER_WORKER_SET,
        NVIDIA_DEVICE_PLUGIN,
        PROMETHEUS,
    )
}
"""Name -> chart: all there are."""
