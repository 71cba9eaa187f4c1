from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import Enum
from typing import Any

import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import deserialize, proxy

from policies import pack
from policies.facts.resource import Resource, Secret, from_message
from policies.pack import Analyzer, Session
from policies.rules import RULES
from tests.policies import assembly
from tests.policies.changes import Put, Resources, Where
from tests.policies.judging import ACCEPTED, STACKS, good
from tests.policies.mutants import API_SCALING, PRIMARY

TODAY = date(2026, 11, 22)
HOUSEKEEPING = ("stack-settings", "waiver-expired", "waiver-unknown-rule", "cost", "waivers")
ALWAYS_SAID = ACCEPTED["medium"] | {"cost", "price-age"}
"""What is said of every stack: that its machines are old, what it costs, how old prices are."""
BOOKS = tuple(
    Resource(type=kind, name="letta-medium", urn=f"urn:{kind}", properties={})
    for kind in ("pulumi:pulumi:Stack", "pulumi:providers:aws")
)
TWELVE = Put(API_SCALING, "maxCapacity", 12)


def encoded(value: object) -> Any:  # noqa: ANN401  (JSON)
    if isinstance(value, Enum):
        return proxy.UNKNOWN_STRING_VALUE
    if isinstance(value, Secret):
        return {
            deserialize.SPECIAL_SIG_KEY: deserialize.SPECIAL_SECRET_SIG,
            "value": encoded(value.value),
        }
    if isinstance(value, Mapping):
        return {key: encoded(item) for key, item in value.items()}
    return [encoded(item) for item in value] if isinstance(value, list) else value


def message(resource: Resource) -> analyzer_pb2.AnalyzerResource:
    made = analyzer_pb2.AnalyzerResource(
        type=resource.type,
        name=resource.name,
        urn=resource.urn,
        parent=resource.parent,
        dependencies=resource.dependencies,
    )
    json_format.ParseDict(encoded(resource.properties), made.properties)
    for name, urns in resource.property_dependencies.items():
        made.propertyDependencies[name].urns.extend(urns)
    return made


def request(resources: Resources) -> analyzer_pb2.AnalyzeStackRequest:
    return analyzer_pb2.AnalyzeStackRequest(resources=[message(one) for one in resources])


def analyzer(tier: str = "medium", **values: object) -> Analyzer:
    return Analyzer(Session(values=lambda: assembly.stack_file(tier, values), today=lambda: TODAY))


def said(found: Analyzer, resources: Resources) -> list[tuple[str, str, str]]:
    """Rule, level and message of all that the pack reports, but for what it always says."""
    answer = found.AnalyzeStack(request(resources), None)
    assert not answer.not_applicable
    return [
        (
            one.policyName,
            analyzer_pb2.EnforcementLevel.Name(one.enforcementLevel),
            one.message.partition("\n")[2],
        )
        for one in answer.diagnostics
        if one.policyName not in ALWAYS_SAID
    ]


def waiver(**changes: str) -> dict[str, str]:
    return {
        "rule": "replica-bounds",
        "resource": "letta-medium-api",
        "reason": "load test",
        "owner": "me@example.com",
        "expires": "2026-11-30",
        **changes,
    }


def test_the_sdk_takes_every_rule_with_its_level_severity_and_numbers() -> None:
    info = analyzer().GetAnalyzerInfo(None, None)  # type: ignore[no-untyped-call]
    assert info.name == "letta-cloud"
    assert [one.name for one in info.policies] == [*(rule.name for rule in RULES), *HOUSEKEEPING]
    assert len(info.policies) == len({one.name for one in info.policies})
    for one in info.policies:
        assert one.policy_type == analyzer_pb2.POLICY_TYPE_STACK
        assert one.severity != analyzer_pb2.POLICY_SEVERITY_UNSPECIFIED
        assert one.description
    by_name = {one.name: one for one in info.policies}
    assert by_name["replica-bounds"].enforcementLevel == analyzer_pb2.MANDATORY
    assert by_name["tools-run-in-server"].enforcementLevel == analyzer_pb2.ADVISORY
    schema = json_format.MessageToDict(by_name["replica-bounds"].configSchema.properties)
    assert schema["most"]["default"] == 10


@pytest.mark.parametrize("stack", STACKS)
def test_a_good_stack_is_let_through(stack: str) -> None:
    tier, overrides = STACKS[stack]
    levels = {level for _rule, level, _message in said(analyzer(tier, **overrides), good(stack))}
    assert levels <= {"ADVISORY"}


def shown_to(found: Analyzer, resources: Resources) -> Resources:
    """The resources as the engine shows them to an analyzer while the cluster does not exist:
    each with its inputs when it is registered, and at the end those of the cluster with none."""
    shown = []
    for resource in resources:
        sent = message(resource)
        alone = analyzer_pb2.AnalyzeRequest(
            type=sent.type, name=sent.name, urn=sent.urn, properties=sent.properties
        )
        assert not found.Analyze(alone, None).diagnostics
        unreachable = resource.type.startswith("kubernetes:")
        shown.append(replace(resource, properties={}) if unreachable else resource)
    return tuple(shown)


def test_objects_of_a_cluster_that_does_not_exist_are_judged_by_their_inputs() -> None:
    found = analyzer("large")
    grown = Put(Where("HorizontalPodAutoscaler", "-api"), "spec.maxReplicas", 12)
    shown = shown_to(found, grown(good("large")))
    (broken,) = [one for one in said(found, shown) if one[1] == "MANDATORY"]
    assert broken[0] == "replica-bounds"
    assert broken[2].startswith("letta-large-api: grows to 12 copies, most is 10")


def test_outputs_are_judged_as_soon_as_there_are_any() -> None:
    found = analyzer("large")
    grown = Put(Where("HorizontalPodAutoscaler", "-api"), "spec.maxReplicas", 12)
    shown_to(found, grown(good("large")))
    assert not [one for one in said(found, good("large")) if one[1] == "MANDATORY"]


def test_a_role_given_as_one_word_is_understood() -> None:
    assert not [
        one
        for one in said(analyzer("large", llm="ollama"), good("ollama"))
        if one[0] == "stack-settings"
    ]


def test_small_prints_its_waiver_with_reason_owner_and_last_day() -> None:
    (printed,) = said(analyzer("small"), good("small"))
    assert printed[0] == "waivers"
    assert printed[2] == (
        "api-high-availability is waived until 2027-11-30 by platform@example.com: small runs one "
        "instance by design; an outage of its zone is accepted (letta-small-api: may run 1 "
        "copies, least is 2; set letta:api.min_replicas to 2 or more, or waive the rule)"
    )


def test_a_violation_names_rule_level_and_resource() -> None:
    answer = analyzer().AnalyzeStack(request(TWELVE(good("medium"))), None)
    found = next(one for one in answer.diagnostics if one.policyName == "replica-bounds")
    assert found.enforcementLevel == analyzer_pb2.MANDATORY
    assert found.severity == analyzer_pb2.POLICY_SEVERITY_HIGH
    assert found.urn.endswith("::letta-medium-api")


def test_an_unknown_of_the_engine_blocks_as_a_violation_and_never_as_a_remark() -> None:
    resources = Put(PRIMARY, "instanceClass", None).unknown()(good("medium"))
    answer = analyzer().AnalyzeStack(request(resources), None)
    (found,) = [one for one in answer.diagnostics if one.policyName == "database-class"]
    assert "cannot decide: property `instanceClass`" in found.message
    assert found.enforcementLevel == analyzer_pb2.MANDATORY
    assert found.urn.endswith("::letta-medium-db-primary")
    assert not any("can't run policy" in one.message for one in answer.diagnostics)


def test_a_secret_that_leaks_into_another_property_is_found() -> None:
    (secret,) = [
        one
        for one in good("medium")
        if one.type.endswith(":SecretVersion") and one.name.endswith("-openai-api-key")
    ]
    assert isinstance(secret.properties["secretString"], Secret)
    leaked = Put(PRIMARY, "tags", {"note": f"uses {secret.properties['secretString'].value}"})
    assert {rule for rule, _level, _message in said(analyzer(), leaked(good("medium")))} == {
        "no-plain-secret"
    }


def test_a_waived_violation_is_printed_and_stops_nothing() -> None:
    found = said(analyzer(waivers=[waiver()]), TWELVE(good("medium")))
    assert ("replica-bounds", "MANDATORY") not in {(rule, level) for rule, level, _ in found}
    (printed,) = [message for rule, _level, message in found if rule == "waivers"]
    assert printed.startswith("replica-bounds is waived until 2026-11-30 by me@example.com")


def test_an_expired_waiver_is_a_violation_and_excuses_nothing() -> None:
    found = said(analyzer(waivers=[waiver(expires="2026-11-21")]), TWELVE(good("medium")))
    mandatory = {rule for rule, level, _message in found if level == "MANDATORY"}
    assert {"waiver-expired", "replica-bounds"} <= mandatory


def test_a_waiver_of_no_rule_is_a_violation() -> None:
    found = said(analyzer(waivers=[waiver(rule="replica-bound")]), good("medium"))
    assert found == [
        (
            "waiver-unknown-rule",
            "MANDATORY",
            "letta:waivers names the rule replica-bound, which does not exist; "
            "the nearest is replica-bounds",
        )
    ]


def test_a_waiver_that_excuses_nothing_is_printed() -> None:
    ((rule, level, text),) = said(analyzer(waivers=[waiver()]), good("medium"))
    assert (rule, level) == ("waivers", "ADVISORY")
    assert "excuses nothing" in text


@pytest.mark.parametrize("tier", [None, "medum"])
def test_a_stack_without_a_tier_gets_one_clear_violation(tier: str | None) -> None:
    values = {} if tier is None else {"tier": tier}
    found = Analyzer(Session(values=lambda: values, today=lambda: TODAY))
    assert said(found, good("medium")) == [
        (
            "stack-settings",
            "MANDATORY",
            f"letta:tier is {tier or 'not set'}, so there is nothing to hold the stack to; "
            "set it to one of large, medium, small",
        )
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"tier": "medium", "workload": json.dumps({"agents": 0})},
        {"tier": "medium", "workload": "[]"},
        {"tier": "medium", "waivers": json.dumps([{"rule": "x"}])},
        {"tier": "medium", "waivers": "{}}"},
        {"tier": "medium", "llm": "true"},
        {"tier": "medium", "budget": "cheap"},
        {"tier": "medium", "budget": "0"},
        {"tier": "medium", "savings": json.dumps({"spot": True})},
    ],
)
def test_settings_that_cannot_be_read_block_too(values: dict[str, str]) -> None:
    found = said(Analyzer(Session(values=lambda: values, today=lambda: TODAY)), good("medium"))
    assert [(rule, level) for rule, level, _message in found] == [("stack-settings", "MANDATORY")]


def test_a_stack_that_is_gone_breaks_nothing() -> None:
    assert said(analyzer(), ()) == []
    assert said(analyzer(), BOOKS) == []


def test_numbers_and_levels_can_be_set_from_outside() -> None:
    found = analyzer()
    number = analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY)
    json_format.ParseDict({"most": 8}, number.properties)
    settings = analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={"replica-bounds": number})
    found.Configure(settings, None)  # type: ignore[no-untyped-call]
    assert said(found, good("medium")) == [
        (
            "replica-bounds",
            "ADVISORY",
            "letta-medium-api: grows to 10 copies, most is 8; "
            "set letta:api.max_replicas to 8 or less",
        )
    ]


def test_a_second_look_sees_the_stack_as_it_is_then() -> None:
    found = analyzer()
    assert said(found, TWELVE(good("medium")))
    assert said(found, good("medium")) == []


def test_each_resource_is_decoded_once_for_all_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []

    def counting(message: analyzer_pb2.AnalyzerResource, inputs: Any) -> Resource:  # noqa: ANN401
        decoded.append(message.urn)
        return from_message(message, inputs)

    def never(*_: object) -> None:
        raise AssertionError("the SDK decodes resources for a policy")

    monkeypatch.setattr(pack, "from_message", counting)
    monkeypatch.setattr("pulumi_policy.policy.deserialize_properties", never)
    said(analyzer(), good("medium"))
    assert len(decoded) == len(good("medium"))


def test_the_pack_starts_without_the_clouds_sdk() -> None:
    program = (
        "import sys, policies.pack; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "policies" in loaded
    assert not {"pulumi_aws", "pulumi_random", "sandbox"} & set(loaded)
