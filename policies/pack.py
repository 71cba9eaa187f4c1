"""The rules as a policy pack of Pulumi."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.policy import _PolicyAnalyzerServicer

from infra import platforms, stack_file
from policies import cost_report, stack_settings
from policies.facts.graph import OWN_TYPES, Graph
from policies.facts.resource import from_message
from policies.facts.stack import Asked
from policies.rules import RULES
from policies.rules.rule import Rule
from policies.runner import Run
from policies.spending import spending
from policies.waivers import Waivers

NAME = "letta-cloud"
VERSION = "0.3.0"

_MESSAGE_LIMIT_BYTES = 400 * 2**20
"""Largest message, the figure of Pulumi's own SDK."""
_RULE_NAMES = tuple(rule.name for rule in RULES)


def _today() -> date:
    return datetime.now(UTC).date()


class Session:
    """What the policies of a pack share: the stack as it was last shown to them."""

    def __init__(
        self,
        values: Callable[[], Mapping[str, str]] = lambda: stack_file.from_engine()["values"],
        today: Callable[[], date] = _today,
    ) -> None:
        self._values = values
        self._today = today
        self.run: Run | None = None
        """`None` while there is nothing to judge, or no way to."""
        self.problem = ""
        """Why there is no way to."""
        self._inputs: dict[str, struct_pb2.Struct] = {}

    def remember(self, urn: str, inputs: struct_pb2.Struct) -> None:
        """Keep what a resource is made from, for the engine may have no outputs of it."""
        self._inputs[urn] = inputs

    def look_at(self, resources: Iterable[analyzer_pb2.AnalyzerResource]) -> None:
        """Read a stack's facts, once for all rules."""
        self.run, self.problem = None, ""
        graph = Graph(from_message(message, self._inputs.get(message.urn)) for message in resources)
        if all(resource.type.startswith(OWN_TYPES) for resource in graph.resources):
            # Nothing is deployed, as at the end of a destroy.
            return
        values = self._values()
        try:
            settings = stack_settings.load(values)
        except stack_settings.UnreadableSettings as error:
            self.problem = str(error)
            return
        today = self._today()
        self.run = Run(
            deployment=platforms.module("policies.facts", settings.cloud, "reader").read(
                graph,
                Asked(
                    tier=settings.tier,
                    workload=settings.workload,
                    spending=spending(settings, values, today),
                    secrets=settings.secrets,
                ),
            ),
            waivers=Waivers(settings.waivers, today),
        )


def policies(session: Session) -> list[Policy]:
    """All rules, and what is said of waivers and stack file, as policies of Pulumi's SDK."""
    return [
        *(_policy(rule, session) for rule in RULES),
        StackValidationPolicy(
            name="stack-settings",
            description="The stack file names a tier to hold the stack to.",
            severity=Severity.CRITICAL,
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=_saying(lambda: [session.problem] if session.problem else []),
        ),
        StackValidationPolicy(
            name="waiver-expired",
            description="No waiver is used beyond its last day.",
            severity=Severity.HIGH,
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=_saying(lambda: session.run.waivers.expired() if session.run else ()),
        ),
        StackValidationPolicy(
            name="waiver-unknown-rule",
            description="Every waiver names a rule that exists.",
            severity=Severity.HIGH,
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=_saying(
                lambda: session.run.waivers.unknown(_RULE_NAMES) if session.run else ()
            ),
        ),
        StackValidationPolicy(
            name="cost",
            description="What a month costs, and how that changes.",
            severity=Severity.LOW,
            enforcement_level=EnforcementLevel.ADVISORY,
            validate=_saying(
                lambda: cost_report.messages(session.run.deployment) if session.run else ()
            ),
        ),
        # Last: the rules before it find out what is waived.
        StackValidationPolicy(
            name="waivers",
            description="What is waived, by whom and until when.",
            severity=Severity.LOW,
            enforcement_level=EnforcementLevel.ADVISORY,
            validate=_saying(
                lambda: (
                    session.run.waivers.report(session.run.waived, _RULE_NAMES)
                    if session.run
                    else ()
                )
            ),
        ),
    ]


def _policy(rule: Rule, session: Session) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        if session.run is not None:
            for violation in session.run.judge(rule, args.get_config()):
                report(violation.message, violation.urn)

    level = EnforcementLevel.ADVISORY if rule.advisory else EnforcementLevel.MANDATORY
    return StackValidationPolicy(
        name=rule.name,
        description=rule.description,
        severity=Severity(rule.severity),
        enforcement_level=level,
        config_schema=_schema(rule),
        validate=validate,
    )


def _schema(rule: Rule) -> PolicyConfigSchema | None:
    if not rule.numbers:
        return None
    return PolicyConfigSchema(
        properties={
            number.name: {
                "type": "number",
                "description": number.description,
                "default": number.default,
                "minimum": number.minimum,
                "maximum": number.maximum,
            }
            for number in rule.numbers
        }
    )


def _saying(
    messages: Callable[[], Iterable[str]],
) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(_: StackValidationArgs, report: ReportViolation) -> None:
        for message in messages():
            report(message, None)

    return validate


class Analyzer(_PolicyAnalyzerServicer):
    """The SDK's own service, but for how it reads a stack.

    The SDK decodes all resources anew for every policy, and forgets on the way which values
    are secrets. Here they are read once, secrets included, and the SDK gets an empty list: the
    policies look at the session instead.

    While a provider cannot be configured yet, such as that of a cluster that does not exist, the
    engine shows stack policies its resources without any property. It shows their inputs before,
    one resource at a time: these are kept.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(NAME, VERSION, policies(session), EnforcementLevel.MANDATORY)
        self._session = session
        self._turn = threading.Lock()

    def Analyze(  # noqa: N802  (the protocol's name)
        self,
        request: analyzer_pb2.AnalyzeRequest,
        context: Any,  # noqa: ANN401
    ) -> analyzer_pb2.AnalyzeResponse:
        """See one resource before it is made; all rules are about the whole stack."""
        with self._turn:
            self._session.remember(request.urn, request.properties)
        return analyzer_pb2.AnalyzeResponse()

    def AnalyzeStack(  # noqa: N802  (the protocol's name)
        self,
        request: analyzer_pb2.AnalyzeStackRequest,
        context: Any,  # noqa: ANN401
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge a stack."""
        with self._turn:
            self._session.look_at(request.resources)
            nothing = analyzer_pb2.AnalyzeStackRequest()
            answer: analyzer_pb2.AnalyzeResponse = super().AnalyzeStack(nothing, context)  # type: ignore[no-untyped-call]
            return answer


def serve() -> None:
    """Answer the engine until it ends this process, as the SDK's `PolicyPack` does."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", _MESSAGE_LIMIT_BYTES)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(Session()), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        sys.exit(0)
