"""What of a whole stack is billed, what cannot be, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
import yaml

from policies.facts.aws.billing.free import FREE
from policies.facts.model import Deployment
from policies.facts.resource import UNDETERMINED, Resource
from policies.facts.unknown import Undecidable, Unknown
from pricing.inventory import (
    Bucket,
    EmbeddingModel,
    LanguageModel,
    Machines,
    PublicAddresses,
    Thing,
)
from sandbox.packages import package
from tests.policies import assembly
from tests.policies.billed import beside, changed, gone, known_types, resource, things, unpriced
from tests.policies.changes import (
    Containers,
    Gone,
    Put,
    Resources,
    Where,
    apply,
    no_variable,
    variable,
)
from tests.policies.judging import STACKS, facts, good
from tests.policies.mutants import (
    API,
    API_GROUP,
    API_MACHINE,
    API_SCALING,
    API_TASK,
    CACHE,
    PRIMARY,
    REPLICA,
    server,
)

MORE_STACKS = {
    "fargate": ("medium", {"api": {"compute": "fargate"}, "worker": {"compute": "fargate"}}),
    "spot": ("medium", {"worker": {"capacity": "spot"}}),
    "fargate, spot": ("medium", {"worker": {"compute": "fargate", "capacity": "spot"}}),
    "one NAT gateway": ("large", {"ingress": {"nat": "single"}}),
}

every_stack = pytest.mark.parametrize("stack", [*STACKS, *MORE_STACKS])
PROVIDER = "pulumi:providers:aws"
BUCKET = "aws:s3/bucket:Bucket"


def recorded(stack: str) -> Resources:
    if stack in STACKS:
        return good(stack)
    tier, overrides = MORE_STACKS[stack]
    return assembly.resources(tier, overrides)


def read(stack: str, resources: Resources) -> Deployment:
    tier, _ = {**STACKS, **MORE_STACKS}[stack]
    return facts(tier, resources)


def unknowns(found: tuple[Thing, ...]) -> Iterator[str]:
    """Things, and fields of them, that cannot be told."""
    for thing in found:
        if isinstance(thing, Unknown):
            yield repr(thing)
        else:
            for field in fields(thing):
                if isinstance(getattr(thing, field.name), Unknown):
                    yield f"{field.name} of {thing!r}"


def in_preview(one: Resource) -> Resource:
    """A resource with all that the cloud will make up as the engine shows it before."""
    if not one.type.startswith("aws:"):
        return one
    table = package("aws").resource(one.type).table
    made_up = set(table.outputs) - set(table.known_at_preview)
    return replace(one, properties={**dict.fromkeys(made_up, UNDETERMINED), **one.properties})


@every_stack
def test_all_that_a_stack_is_made_of_has_a_price_or_is_free(stack: str) -> None:
    deployment = read(stack, recorded(stack))
    assert deployment.unpriced == ()
    assert deployment.inventory.cloud == "aws"
    assert deployment.region == "us-east-1"


@every_stack
def test_nothing_of_an_inventory_is_unknown_at_a_first_preview(stack: str) -> None:
    shown = tuple(in_preview(one) for one in recorded(stack))
    assert list(unknowns(read(stack, shown).inventory.things)) == []
    assert read(stack, shown).inventory == read(stack, recorded(stack)).inventory


@pytest.mark.parametrize(("stack", "billable"), [("small", 35), ("medium", 67), ("large", 82)])
def test_resources_that_cause_costs_are_counted(stack: str, billable: int) -> None:
    deployment = facts(stack, good(stack))
    assert deployment.billable == billable
    # A server runs on machines and causes no costs but for the tokens of its models.
    assert len({one.urn for one in deployment.inventory.things}) == billable + 1


def test_a_resource_without_a_price_counts_as_one_that_causes_costs() -> None:
    cluster = beside(resource("aws:rds/cluster:Cluster", "aurora", {"engine": "aurora"}))
    deployment = facts("small", apply(good("small"), (cluster,)))
    assert deployment.billable == facts("small", good("small")).billable + 1
    (found,) = deployment.unpriced
    assert (found.name, found.type) == ("aurora", "aws:rds/cluster:Cluster")
    assert found.reason == "resources of this type are neither priced nor known to be free"
    assert found.urn == "urn:pulumi:test::letta::aws:rds/cluster:Cluster::aurora"


def test_every_type_that_the_sandbox_simulates_is_known() -> None:
    tables = Path(assembly.ROOT, "sandbox").glob("aws/types/*.yaml")
    simulated = {
        kind
        for table in tables
        for kind in yaml.safe_load(table.read_text(encoding="utf-8")).get("resources", {})
    }
    assert len(simulated) > 50
    assert simulated - known_types() == set()


def test_no_type_is_both_free_and_read() -> None:
    assert known_types() & set(FREE) == set(FREE)
    assert all(reason for reason in FREE.values())


@pytest.mark.parametrize("kind", ["letta:aws:Site", "pulumi:pulumi:StackReference"])
def test_components_and_references_cost_nothing(kind: str) -> None:
    provider = resource(f"pulumi:providers:{kind.partition(':')[0]}", "default", {})
    assert gone("small", beside(resource(kind, "mine", {}), provider)) == []


def test_an_unknown_type_of_a_known_package_has_no_price() -> None:
    made = resource("random:index/randomThing:RandomThing", "mine", {})
    assert set(unpriced("small", beside(made))) == {"mine"}


def test_a_component_of_another_package_costs_nothing_and_its_provider_s_resources_do() -> None:
    theirs = resource("acme:index:Thing", "mine", {})
    provider = resource("pulumi:providers:acme", "default", {})
    assert unpriced("small", beside(theirs)) == {}
    assert set(unpriced("small", beside(theirs, provider))) == {"mine"}


def test_two_resources_of_one_name_are_two_things() -> None:
    twin = resource("aws:ec2/eip:Eip", "letta-small-in", {})
    assert changed(PublicAddresses, "small", beside(twin)).name == "letta-small-in"


def test_the_order_of_resources_makes_no_difference() -> None:
    backwards = tuple(reversed(good("medium")))
    assert read("medium", backwards).inventory == read("medium", good("medium")).inventory


class TestRegions:
    """A bill is for one region."""

    def test_it_is_that_of_the_deployment_s_own_provider(self) -> None:
        other = resource(PROVIDER, "elsewhere", {"region": "eu-west-1"})
        assert facts("small", (*good("small"), other)).region == "us-east-1"

    def test_without_a_deployment_it_is_the_one_that_all_providers_name(self) -> None:
        gone = Gone(Where("index:Deployment"))
        assert facts("small", apply(good("small"), (gone,))).region == "us-east-1"

    def test_a_resource_of_another_provider_s_region_has_no_price(self) -> None:
        other = resource(PROVIDER, "elsewhere", {"region": "eu-west-1"})
        address = resource("aws:ec2/eip:Eip", "far", {}, provider=other.urn)
        assert unpriced("small", beside(other, address)) == {
            "far": "it is in eu-west-1, and the bill is for us-east-1"
        }

    def test_a_resource_that_names_another_region_has_no_price(self) -> None:
        address = resource("aws:ec2/eip:Eip", "far", {"region": "eu-west-1"})
        assert set(unpriced("small", beside(address))) == {"far"}

    def test_what_is_free_is_so_in_any_region(self) -> None:
        network = resource("aws:ec2/vpc:Vpc", "far", {"region": "eu-west-1"})
        assert unpriced("small", beside(network)) == {}

    def test_without_one_nothing_can_be_decided(self) -> None:
        nowhere = Put(Where("aws"), "region", None)
        region = facts("small", apply(good("small"), (nowhere,))).region
        with pytest.raises(Undecidable, match="providers name 0 regions"):
            str(region)


class TestUse:
    """What is billed by its use has a price only where the workload says how much that is."""

    @pytest.mark.parametrize(
        ("kind", "what"),
        [
            (BUCKET, "what it will hold"),
            ("aws:cloudwatch/logGroup:LogGroup", "how much is written to it"),
            ("aws:lambda/function:Function", "how often it runs"),
            ("aws:sns/topic:Topic", "how much it is used"),
            ("aws:sqs/queue:Queue", "how much it is used"),
        ],
    )
    def test_a_user_s_own_has_none(self, kind: str, what: str) -> None:
        assert unpriced("small", beside(resource(kind, "mine", {}))) == {
            "mine": f"the workload does not say {what}"
        }

    def test_one_within_the_deployment_has(self) -> None:
        (data,) = (one for one in good("small") if one.type == BUCKET)
        copied = replace(data, name="copy", urn="urn:copy")
        assert changed(Bucket, "small", beside(copied)).name == "copy"


class TestModels:
    """Tokens are billed by the models that servers name by default."""

    def test_each_model_is_billed_once_whatever_names_it(self) -> None:
        found = [one for one in things("medium") if isinstance(one, LanguageModel)]
        assert [one.handle for one in found] == ["openai/gpt-4.1-mini"]

    def test_another_model_of_one_tier_is_billed_besides(self) -> None:
        other = server(variable("LETTA_DEFAULT_LLM_HANDLE", "anthropic/claude-haiku-4-5"))
        found = [one for one in things("medium", other) if isinstance(one, LanguageModel)]
        assert [(one.name, one.handle) for one in found] == [
            ("letta-medium-api", "anthropic/claude-haiku-4-5"),
            ("letta-medium-work", "openai/gpt-4.1-mini"),
        ]

    def test_one_of_the_stack_s_own_is_not_billed(self) -> None:
        own = server(variable("LETTA_DEFAULT_LLM_HANDLE", "vllm/mine"), API_TASK)
        assert gone("small", own) == ["letta-small-api"]

    def test_a_model_of_a_provider_that_nobody_knows_is_billed_and_so_needs_a_price(self) -> None:
        other = server(variable("LETTA_DEFAULT_EMBEDDING_HANDLE", "opnai/embed"), API_TASK)
        handles = {one.handle for one in things("small", other) if isinstance(one, EmbeddingModel)}
        assert handles == {"opnai/embed"}

    def test_no_embedding_model_is_billed_where_none_is_named(self) -> None:
        none = Containers(API_TASK, no_variable("LETTA_DEFAULT_EMBEDDING_HANDLE"), "server")
        with_one = [one for one in things("small") if isinstance(one, EmbeddingModel)]
        assert len(with_one) == 1
        assert gone("small", none) == ["letta-small-api"]


class TestUnknown:
    """What is not known is not guessed."""

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            (Put(API_GROUP, "maxSize", UNDETERMINED, wired=True), "maxSize"),
            (Put(API_SCALING, "serviceNamespace", UNDETERMINED, wired=True), "serviceNamespace"),
            (Put(Where("Instance", "-db-primary"), "multiAz", UNDETERMINED, wired=True), "multiAz"),
            (
                Put(Where("TaskDefinition", "-api"), "containerDefinitions", UNDETERMINED),
                "containerDefinitions",
            ),
        ],
    )
    def test_a_bill_of_it_is_undecidable_and_says_why(self, change: Put, place: str) -> None:
        found = facts("medium", apply(good("medium"), (change,))).inventory.things
        (told,) = set(unknowns(found))
        assert place in told
        assert "give it a plain value" in told

    def test_the_rest_of_the_stack_is_billed_all_the_same(self) -> None:
        change = Put(API_GROUP, "maxSize", UNDETERMINED, wired=True)
        found = facts("medium", apply(good("medium"), (change,))).inventory.things
        known = [one for one in found if not isinstance(one, Unknown)]
        assert len(known) == len(things("medium")) - 1
        assert [one.name for one in known if isinstance(one, Machines)] == ["letta-medium-work"]


class TestExisting:
    """What a resource tells of itself once it exists is no order."""

    @pytest.mark.parametrize(
        ("stack", "told"),
        [
            ("medium", (Put(PRIMARY, "iops", 3000), Put(PRIMARY, "storageThroughput", 125))),
            (
                "medium",
                (Put(REPLICA, "allocatedStorage", 200), Put(REPLICA, "multiAz", value=False)),
            ),
            (
                "medium",
                (Put(REPLICA, "backupRetentionPeriod", 0), Put(REPLICA, "engineVersion", "16.4")),
            ),
            ("medium", (Put(CACHE, "numNodeGroups", 1), Put(CACHE, "replicasPerNodeGroup", 0))),
            (
                "medium",
                (Put(API_MACHINE, "placement", {}), Put(API_MACHINE, "instanceMarketOptions", {})),
            ),
            ("medium", (Put(API, "launchType", ""), Put(API, "arn", "arn:aws:ecs:x"))),
            ("medium", (Put(Where("Certificate"), "certificateAuthorityArn", ""),)),
            ("medium", (Put(Where("LogGroup"), "logGroupClass", "STANDARD"),)),
            ("medium", (Put(Where("MetricAlarm"), "metricQueries", []),)),
            ("medium", (Put(Where("ssm/parameter:Parameter"), "tier", "Standard"),)),
            ("medium", (Put(Where("secretsmanager/secret:Secret"), "replicas", []),)),
            ("medium", (Put(Where("lb/loadBalancer:LoadBalancer"), "subnetMappings", [{}, {}]),)),
            ("large", (Put(Where("eks/nodeGroup:NodeGroup"), "diskSize", 0),)),
            ("large", (Put(Where("eks/cluster:Cluster"), "computeConfig", {"enabled": False}),)),
            ("fargate", (Put(API, "capacityProviderStrategies", []),)),
        ],
    )
    def test_it_changes_nothing(self, stack: str, told: tuple[Put, ...]) -> None:
        told = (*told, Put(told[0].where, "region", "us-east-1"))
        existing = read(stack, apply(recorded(stack), told))
        assert existing.unpriced == ()
        assert existing.inventory == read(stack, recorded(stack)).inventory
