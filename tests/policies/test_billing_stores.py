"""What is billed of databases, caches, buckets, disks, keys, secrets and queues."""

from __future__ import annotations

import pytest

from policies.facts.resource import UNDETERMINED
from pricing.inventory import (
    Bucket,
    CacheNodes,
    DatabaseServer,
    Dumps,
    Keys,
    Queue,
    Secrets,
    Volumes,
)
from pricing.span import Span
from tests.policies.billed import ThingT, beside, changed, gone, resource, things, unpriced
from tests.policies.changes import Change, Edit, Gone, Put, Where
from tests.policies.mutants import CACHE, PRIMARY, REPLICA

LIFECYCLE = Where("BucketLifecycleConfiguration", "-data")
PRIMARY_NAME, REPLICA_NAME = "letta-medium-db-primary", "letta-medium-db-replica-1"
CACHE_CLUSTER = "aws:elasticache/cluster:Cluster"


def servers(*changes: Change) -> dict[str, DatabaseServer]:
    """Name -> database server of medium."""
    return {one.name: one for one in things("medium", *changes) if isinstance(one, DatabaseServer)}


class TestDatabases:
    """Servers are billed one by one."""

    def test_class_standby_storage_and_backups_are_the_server_s(self) -> None:
        assert servers()[PRIMARY_NAME] == DatabaseServer(
            component="database",
            type="db.r5.large",
            high_availability=True,
            storage_gib=Span.of(200, 200, 500),
            storage_type="gp3",
            backup_retention_days=14,
            insights_months=0,
            version="16",
        )

    def test_storage_that_does_not_grow_stays_as_it_is(self) -> None:
        fixed = Put(PRIMARY, "maxAllocatedStorage", None)
        assert changed(DatabaseServer, "medium", fixed).storage_gib == Span.fixed(200)

    def test_a_replica_is_as_large_and_as_old_as_its_source(self) -> None:
        replica = servers()[REPLICA_NAME]
        assert (replica.storage_gib, replica.version) == (Span.of(200, 200, 500), "16")
        assert (replica.high_availability, replica.backup_retention_days) == (False, 0)

    def test_a_replica_may_be_larger(self) -> None:
        larger = Put(REPLICA, "allocatedStorage", 300)
        assert changed(DatabaseServer, "medium", larger).storage_gib == Span.of(300, 300, 500)

    def test_a_server_without_a_standby_is_told(self) -> None:
        alone = Put(PRIMARY, "multiAz", value=False)
        assert not changed(DatabaseServer, "medium", alone).high_availability

    def test_an_old_version_is_told_by_its_major_number(self) -> None:
        old = servers(Put(PRIMARY, "engineVersion", "13.18"))
        assert {one.version for one in old.values()} == {"13"}

    @pytest.mark.parametrize(("days", "months"), [(7, 0), (31, 1), (93, 3), (731, 24)])
    def test_performance_data_is_billed_beyond_a_week(self, days: int, months: int) -> None:
        put = Put(PRIMARY, "performanceInsightsRetentionPeriod", days)
        assert servers(put)[PRIMARY_NAME].insights_months == months

    def test_performance_data_that_is_not_kept_costs_nothing(self) -> None:
        kept = Put(PRIMARY, "performanceInsightsRetentionPeriod", 731)
        off = Put(PRIMARY, "performanceInsightsEnabled", value=False)
        assert servers(kept, off)[PRIMARY_NAME].insights_months == 0

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (
                Put(PRIMARY, "engine", "mysql"),
                "prices are those of PostgreSQL, and its engine is mysql",
            ),
            (
                Put(PRIMARY, "storageType", "io2"),
                "its storage is not billed by its size alone",
            ),
            (
                Put(PRIMARY, "iops", 3001),
                "it has more IOPS or throughput than come with its storage",
            ),
            (
                Put(PRIMARY, "storageThroughput", 126),
                "it has more IOPS or throughput than come with its storage",
            ),
            (
                Put(PRIMARY, "dedicatedLogVolume", value=True),
                "it has a volume of its own for its log",
            ),
            (
                Put(PRIMARY, "databaseInsightsMode", "advanced"),
                "the advanced mode of Database Insights is billed by the vCPU",
            ),
            (
                Put(PRIMARY, "allocatedStorage", UNDETERMINED),
                "the size of its storage is not stated",
            ),
        ],
        ids=["engine", "storage", "iops", "throughput", "log", "insights", "size"],
    )
    def test_what_costs_more_than_that_has_no_price(self, change: Put, reason: str) -> None:
        assert unpriced("medium", change)[PRIMARY_NAME] == reason

    @pytest.mark.parametrize("speed", [{"iops": 3000}, {"storageThroughput": 125}])
    def test_the_speed_that_comes_with_storage_is_no_order(self, speed: dict[str, int]) -> None:
        [(name, value)] = speed.items()
        assert PRIMARY_NAME in servers(Put(PRIMARY, name, value))

    def test_a_replica_of_somebody_else_s_server_has_no_price(self) -> None:
        assert unpriced("medium", Gone(PRIMARY)) == {
            REPLICA_NAME: "what it is a replica of is not part of this stack"
        }


class TestCaches:
    """Caches are billed by their nodes."""

    def test_nodes_of_a_group_are_counted(self) -> None:
        found = changed(CacheNodes, "medium", Put(CACHE, "numCacheClusters", 3))
        assert (found.type, found.count) == ("cache.t4g.medium", Span.fixed(3))
        assert (found.engine, found.snapshot_retention_days) == ("redis", 0)

    def test_nodes_of_shards_are_counted_with_their_replicas(self) -> None:
        found = changed(
            CacheNodes,
            "medium",
            Put(CACHE, "numCacheClusters", UNDETERMINED),
            Put(CACHE, "numNodeGroups", 3),
            Put(CACHE, "replicasPerNodeGroup", 2),
        )
        assert found.count == Span.fixed(9)

    def test_engine_and_snapshots_are_told(self) -> None:
        found = changed(
            CacheNodes,
            "medium",
            Put(CACHE, "engine", "valkey"),
            Put(CACHE, "snapshotRetentionLimit", 5),
        )
        assert (found.engine, found.snapshot_retention_days) == ("valkey", 5)

    def test_a_cache_without_replicas_is_billed_too(self) -> None:
        own = resource(CACHE_CLUSTER, "mine", {"engine": "redis", "nodeType": "cache.t4g.micro"})
        found = changed(CacheNodes, "small", beside(own))
        assert (found.type, found.count) == ("cache.t4g.micro", Span.fixed(1))

    @pytest.mark.parametrize(
        "properties", [{"engine": "memcached"}, {"replicationGroupId": "group"}]
    )
    def test_other_caches_have_no_price(self, properties: dict[str, str]) -> None:
        assert set(unpriced("small", beside(resource(CACHE_CLUSTER, "mine", properties)))) == {
            "mine"
        }


class TestBuckets:
    """Buckets are billed by what they hold, and how it ages."""

    @staticmethod
    def data(kind: type[ThingT], *changes: Change) -> ThingT:
        """What is billed of medium's data bucket after some changes."""
        [found] = [
            one
            for one in things("medium", *changes)
            if isinstance(one, kind) and one.name == "letta-medium-data"
        ]
        return found

    def test_data_and_access_logs_are_told_apart(self) -> None:
        found = {one.name: one for one in things("medium") if isinstance(one, Bucket)}
        assert found["letta-medium-data"] == Bucket(
            component="storage", holds="data", infrequent_access_days=30, archive_days=90
        )
        assert found["letta-medium-in-logs"] == Bucket(
            component="ingress",
            holds="logs",
            infrequent_access_days=30,
            archive_days=90,
            expiration_days=365,
        )

    def test_ages_are_those_of_rules_for_all_objects(self) -> None:
        later = Put(LIFECYCLE, "rules.0.transitions.0.days", 60)
        narrower = Put(LIFECYCLE, "rules.0.filter", {"prefix": "exports/"})
        assert self.data(Bucket, later).infrequent_access_days == 60
        assert self.data(Bucket, narrower).infrequent_access_days == 0
        assert self.data(Dumps, later).infrequent_access_days == 60
        assert self.data(Dumps, narrower).infrequent_access_days == 0

    def test_dumps_are_billed_until_their_last_version_is_gone(self) -> None:
        assert self.data(Dumps).billed_days == 30 + 7
        kept = Put(LIFECYCLE, "rules.2.status", "Disabled")
        assert self.data(Dumps, kept).billed_days == 0

    def test_a_rule_that_is_off_does_nothing(self) -> None:
        off = Put(LIFECYCLE, "rules.0.status", "Disabled")
        assert self.data(Bucket, off).archive_days == 0

    def test_without_rules_objects_stay(self) -> None:
        found = self.data(Bucket, Gone(LIFECYCLE))
        assert (found.infrequent_access_days, found.archive_days, found.expiration_days) == (
            0,
            0,
            0,
        )

    def test_other_classes_have_no_price(self) -> None:
        deep = Put(LIFECYCLE, "rules.0.transitions.1.storageClass", "DEEP_ARCHIVE")
        assert unpriced("medium", deep) == {
            "letta-medium-data": "objects move to DEEP_ARCHIVE, and there are prices for "
            "STANDARD_IA and GLACIER"
        }

    def test_a_move_on_a_day_has_no_price(self) -> None:
        dated = Edit(
            LIFECYCLE,
            "rules.0.transitions.0",
            lambda transition: transition.update(date="2027-01-01"),
        )
        assert set(unpriced("medium", dated)) == {"letta-medium-data"}


def test_a_disk_without_a_machine_is_billed_by_its_size() -> None:
    own = resource("aws:ebs/volume:Volume", "mine", {"size": 50, "type": "gp3"})
    found = changed(Volumes, "small", beside(own))
    assert (found.component, found.type, found.gib) == ("cluster", "gp3", Span.fixed(50))
    large = resource("aws:ebs/volume:Volume", "mine", {"size": 2000, "type": "gp2", "iops": 6000})
    assert changed(Volumes, "small", beside(large)).gib == Span.fixed(2000)
    fast = resource("aws:ebs/volume:Volume", "mine", {"size": 50, "type": "gp3", "iops": 9000})
    assert set(unpriced("small", beside(fast))) == {"mine"}


def test_keys_and_secrets_are_billed_one_by_one() -> None:
    key = resource("aws:kms/key:Key", "mine", {})
    assert changed(Keys, "small", beside(key)).count == 1
    secret = resource("aws:secretsmanager/secret:Secret", "mine", {})
    assert changed(Secrets, "small", beside(secret)).count == 1
    copied = resource("aws:secretsmanager/secret:Secret", "mine", {"replicas": [{"region": "x"}]})
    assert unpriced("small", beside(copied)) == {"mine": "it has copies in other regions"}


@pytest.mark.parametrize("tier", [None, "Standard", UNDETERMINED])
def test_standard_parameters_are_free(tier: object) -> None:
    own = resource("aws:ssm/parameter:Parameter", "mine", {"tier": tier})
    assert gone("small", beside(own)) == []


@pytest.mark.parametrize("tier", ["Advanced", "Intelligent-Tiering"])
def test_other_parameters_have_no_price(tier: str) -> None:
    own = resource("aws:ssm/parameter:Parameter", "mine", {"tier": tier})
    assert unpriced("small", beside(own)) == {"mine": "only standard parameters are free"}


def test_queues_are_billed_by_their_kind_and_that_of_dead_letters_too() -> None:
    queues = Where("sqs/queue:Queue", "-jobs")
    assert changed(Queue, "medium", Put(queues, "fifoQueue", value=True)).fifo
    assert [one.name for one in things("medium") if isinstance(one, Queue)] == [
        "letta-medium-jobs",
        "letta-medium-jobs-dead",
    ]
