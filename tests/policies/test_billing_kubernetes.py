"""What is billed of the objects of a cluster beside its machines: the disks that they ask for."""

from __future__ import annotations

import pytest

from pricing.inventory import Volumes
from pricing.span import Span
from tests.policies.billed import beside, changed, gone, resource, unpriced
from tests.policies.changes import Gone, Put, Where

CLAIM = Where("PersistentVolumeClaim", "-metrics")
GROUP = Where("LeaderWorkerSet")
QUEUE = Where("ScaledObject")
ENGINE = Where("apps/v1:Deployment", "-large-llm")
PROMETHEUS = Where("Release", "-metrics")
CLASSES = Where("StorageClass", "-standard")
NAMESPACE = {"namespace": "letta"}


def claim(size: str, storage_class: str = "fast-ssd") -> dict[str, object]:
    return {
        "spec": {"storageClassName": storage_class, "resources": {"requests": {"storage": size}}}
    }


class TestClaims:
    """A claim is billed by its size and the disk that its class makes."""

    def test_size_and_kind_of_disk(self) -> None:
        found = changed(Volumes, "vllm", Put(CLAIM, "spec.resources.requests.storage", "51200Mi"))
        assert (found.component, found.type, found.gib) == ("cluster", "gp2", Span.fixed(50))

    def test_the_class_says_which_disk(self) -> None:
        found = changed(Volumes, "vllm", Put(CLAIM, "spec.storageClassName", "fast-ssd"))
        assert found.type == "gp3"
        plain = changed(Volumes, "vllm", Put(CLASSES, "parameters.type", "st1"))
        assert plain.type == "st1"

    @pytest.mark.parametrize("included", [{"iops": "3000"}, {"throughput": "125"}])
    def test_speed_that_comes_with_a_disk_costs_nothing(self, included: dict[str, str]) -> None:
        ordered = Put(CLASSES, "parameters", {"type": "gp3", **included})
        assert changed(Volumes, "vllm", ordered).type == "gp3"

    @pytest.mark.parametrize(
        ("ordered", "reason"),
        [
            ({"iops": "16000"}, "a volume has more speed than comes with its size"),
            ({"throughput": "1000"}, "a volume has more speed than comes with its size"),
            (
                {"iopsPerGB": "50"},
                "a volume of its storage class has a speed that grows with its size",
            ),
        ],
    )
    @pytest.mark.parametrize("kind", [{"type": "gp3"}, {}], ids=["named", "the driver's own"])
    def test_speed_that_a_class_orders_has_no_price(
        self, kind: dict[str, str], ordered: dict[str, str], reason: str
    ) -> None:
        put = Put(CLASSES, "parameters", {**kind, **ordered})
        assert unpriced("vllm", put) == {"letta-large-llm-metrics": reason}

    def test_a_class_that_names_no_disk_makes_the_driver_s_own(self) -> None:
        assert changed(Volumes, "vllm", Put(CLASSES, "parameters", {})).type == "gp3"

    def test_disks_of_a_model_s_server_are_listed_under_it(self) -> None:
        labels = {"app.kubernetes.io/component": "llm-engine"}
        assert changed(Volumes, "vllm", Put(CLAIM, "metadata.labels", labels)).component == "llm"

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("", "its storage class is the default of the cluster and is not part of this stack"),
            ("theirs", "its storage class theirs is not part of this stack"),
            ("extreme-iops", "a volume of type io2 is not billed by its size alone"),
        ],
    )
    def test_classes_without_a_price(self, name: str, reason: str) -> None:
        put = Put(CLAIM, "spec.storageClassName", name)
        assert unpriced("vllm", put) == {"letta-large-llm-metrics": reason}


class TestWorkloads:
    """What each pod keeps is billed as often as there are pods."""

    def test_each_pod_of_a_group_has_its_own(self) -> None:
        found = changed(Volumes, "nodes", Put(QUEUE, "spec.maxReplicaCount", 4))
        assert (found.component, found.type, found.gib) == ("llm", "gp3", Span.of(555, 555, 2220))

    def test_larger_groups_keep_more(self) -> None:
        found = changed(
            Volumes,
            "nodes",
            Put(GROUP, "spec.leaderWorkerTemplate.size", 1),
            Put(QUEUE, "spec.minReplicaCount", 0),
            # The pool's floor follows the pods; here it stays as it was.
            Put(Where("eks/nodeGroup:NodeGroup", "-g5-12xlarge"), "scalingConfig.minSize", 3),
        )
        assert found.gib == Span.of(0, 185, 370)

    def test_a_stateful_set_is_billed_for_its_copies(self) -> None:
        own = resource(
            "kubernetes:apps/v1:StatefulSet",
            "mine",
            {
                "metadata": {"name": "mine", **NAMESPACE},
                "spec": {"replicas": 3, "volumeClaimTemplates": [claim("10Gi")]},
            },
        )
        found = changed(Volumes, "large", beside(own))
        assert (found.component, found.gib) == ("cluster", Span.fixed(30))

    def test_a_volume_that_lives_with_its_pod_is_billed_too(self) -> None:
        scratch = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": claim("100Gi")}}
        found = changed(Volumes, "vllm", Put(ENGINE, "spec.template.spec.volumes.2", scratch))
        assert (found.component, found.type, found.gib) == ("llm", "gp3", Span.of(100, 100, 200))

    def test_of_a_group_those_pods_have_one_that_are_made_from_the_template(self) -> None:
        scratch = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": claim("100Gi")}}
        worker = "spec.leaderWorkerTemplate.workerTemplate.spec.volumes.0"
        found = changed(Volumes, "nodes", Put(GROUP, worker, scratch))
        assert found.gib == Span.of(200, 200, 400)

    def test_a_workload_without_disks_costs_nothing_itself(self) -> None:
        own = resource("kubernetes:apps/v1:Deployment", "mine", {"metadata": {"name": "mine"}})
        assert gone("large", beside(own)) == []


class TestOthers:
    """Objects that make something outside the cluster have no price."""

    @pytest.mark.parametrize(
        "kind",
        [
            "kubernetes:core/v1:PersistentVolume",
            "kubernetes:karpenter.sh/v1:NodePool",
            "kubernetes:networking.k8s.io/v1:Ingress",
        ],
    )
    def test_unknown_kinds(self, kind: str) -> None:
        assert set(unpriced("large", beside(resource(kind, "mine", {})))) == {"mine"}

    @pytest.mark.parametrize(
        "kind",
        [
            "kubernetes:core/v1:ConfigMap",
            "kubernetes:keda.sh/v1alpha1:ScaledObject",
            "kubernetes:rbac.authorization.k8s.io/v1:Role",
        ],
    )
    def test_what_the_control_plane_keeps_is_free(self, kind: str) -> None:
        assert gone("large", beside(resource(kind, "mine", {}))) == []

    def test_a_service_of_type_load_balancer(self) -> None:
        put = Put(Where("core/v1:Service", "-large-api"), "spec.type", "LoadBalancer")
        assert unpriced("large", put) == {
            "letta-large-api": "it makes a load balancer that is no resource of this stack"
        }

    def test_a_chart_that_nobody_knows(self) -> None:
        theirs = resource("kubernetes:helm.sh/v3:Release", "mine", {"chart": "oci://x/mysql"})
        assert unpriced("large", beside(theirs)) == {"mine": "what chart mysql makes is not known"}

    @pytest.mark.parametrize(
        ("path", "value"),
        [("values.server.persistentVolume", {"enabled": True}), ("values.alertmanager", {})],
    )
    def test_disks_of_a_chart_s_own(self, path: str, value: object) -> None:
        assert unpriced("vllm", Put(PROMETHEUS, path, value)) == {
            "letta-large-llm-metrics": "its disks are no resources of this stack; give it a claim "
            "of the stack's own"
        }

    def test_a_chart_without_disks_is_free(self) -> None:
        put = Put(PROMETHEUS, "values.server.persistentVolume", {"enabled": False})
        assert gone("vllm", put) == []
        assert gone("vllm", Gone(CLAIM)) == ["letta-large-llm-metrics"]
