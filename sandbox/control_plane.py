"""The simulated cloud's side of Create, Read, Update and Delete."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from sandbox import deletion, faults, functions
from sandbox.checking import run_checks
from sandbox.cloud import Cloud, CloudObject, Properties
from sandbox.directory import Directory, edges
from sandbox.errors import PartlyCreated, Problem, Refusal, in_words
from sandbox.latency import Latency
from sandbox.outputs import (
    created,
    passed_through,
    previewed,
    templates,
    updated,
    with_read_back,
)
from sandbox.package import ResourceType
from sandbox.sessions import Session
from sandbox.store import Store, StoredObject
from sandbox.templates import Evaluator, Origin
from sandbox.uniqueness import claim
from sandbox.values import UNKNOWN, Unknown, Value, plain, unwrap
from sandbox.values import Properties as Values

PATIENCE_SECONDS: Final = 60.0
"""How long an object may wait for others to become ready, in the time of this machine, at least:
what it waits for is made at the same time."""
_TIMEOUT_SECONDS: Final = 600.0
"""How long in the time of the cloud: the default of pulumi-kubernetes for pods and Services."""
_LOOK_AGAIN_SECONDS: Final = 0.1


def utc_now() -> datetime:
    """The clock of the simulated cloud, unless a test has its own."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Created:
    """A new object's id and outputs."""

    id: str
    outputs: Values


class ControlPlane:
    """Holds the objects of the cloud and says what may be done to them."""

    def __init__(
        self,
        store: Store,
        latency: Latency,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._store = store
        self._latency = latency
        self._now = now
        self._patience_seconds = patience_seconds

    # What functions and checks see.

    def directory(self, session: Session, region: str) -> Directory:
        """The objects as that region sees them."""
        return Directory(self._store, session.package, region, session.configuration.variables)

    def cloud(self, session: Session, region: str) -> Cloud:
        """The cloud as that region sees it."""
        directory = self.directory(session, region)
        return session.package.view(
            region=region,
            variables=session.configuration.variables,
            find_object=directory.find,
            find_all=directory.all,
            find_everything=directory.everything,
        )

    def region_of(self, session: Session, inputs: Mapping[str, Value]) -> str:
        """The region an object with these inputs belongs to."""
        given = unwrap(inputs.get("region"))
        if given is None or isinstance(given, Unknown):
            return session.configuration.region
        return str(given)

    # Create

    def preview_create(self, session: Session, kind: ResourceType, inputs: Values) -> Values:
        """The outputs that a create would have, as far as they can be known before it."""
        region = self.region_of(session, inputs)
        given = passed_through(kind, inputs, session.configuration, region)
        evaluator = self._evaluator(session, kind, given, region, self._origin())
        return previewed(kind, given, evaluator)

    def create(self, session: Session, kind: ResourceType, urn: str, inputs: Values) -> Created:
        """Make the object. Raises Refusal and PartlyCreated."""
        held = session.package.holds_objects
        failed = self._meet_fault(session, "create", kind) if held else None
        region = self.region_of(session, inputs)
        given = passed_through(kind, inputs, session.configuration, region)
        origin = self._origin()
        evaluator = self._evaluator(session, kind, given, region, origin)
        if not held:
            outputs = created(kind, given, evaluator)
            return Created(id=self._id(kind, evaluator), outputs=outputs)
        with self._store.transaction():
            resolved = list(self.directory(session, region).resolve(kind, inputs))
            self._run_cloud_checks(session, kind, region, inputs)
            outputs = created(kind, given, evaluator)
            object_id = self._id(kind, evaluator)
            place = self._place(kind, region)
            scope = claim(self._store, kind, place, outputs, self._now())
            if self._store.get(kind.token, place, object_id) is not None:
                raise Refusal.taken(
                    f"{kind.table.already_exists}: there is already a {kind.token} {object_id}: "
                    "import it, or choose another"
                )
            self._store.insert(
                type_token=kind.token,
                region=place,
                object_id=object_id,
                urn=urn,
                name_scope=scope,
                inputs=inputs,
                outputs=outputs,
                seed=origin.seed,
                created=origin.created,
                edges=edges(resolved),
            )
        if not self._latency.wait(kind.table.latency_seconds.create, session.cancelled):
            failed = failed or "the wait for it was cancelled; it exists in the cloud"
        failed = failed or self._await_ready(session, kind, region, outputs)
        if failed is not None:
            raise PartlyCreated(object_id, outputs, inputs, failed)
        return Created(id=object_id, outputs=outputs)

    def _await_ready(
        self, session: Session, kind: ResourceType, region: str, outputs: Values
    ) -> str | None:
        """Wait until the ready checks find nothing; what they still find when patience ends.

        What the object waits for may be in the making: it is created at the same time.
        """
        if not kind.table.ready_checks:
            return None
        cloud = self.cloud(session, region)
        deadline = monotonic() + max(self._patience_seconds, self._latency.scaled(_TIMEOUT_SECONDS))
        while problems := run_checks(kind, kind.table.ready_checks, Properties.of(outputs), cloud):
            if monotonic() >= deadline or session.cancelled.wait(_LOOK_AGAIN_SECONDS):
                return in_words(problems)
        return None

    def _origin(self) -> Origin:
        return Origin(
            seed=secrets.token_hex(16),
            version=1,
            created=self._now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        )

    @staticmethod
    def _next_origin(held: StoredObject) -> Origin:
        return Origin(seed=held.seed, version=held.version + 1, created=held.created)

    def _evaluator(
        self, session: Session, kind: ResourceType, given: Values, region: str, origin: Origin
    ) -> Evaluator:
        found = templates(kind)

        def lookup(name: str) -> Value:
            return given.get(name)

        return Evaluator(
            lookup=lookup,
            templates={**found, "id": kind.table.id} if "id" not in found else found,
            cloud=self.cloud(session, region),
            origin=origin,
            hook=kind.package.hook,
            follow=self.directory(session, region).follower(kind, given),
            next_number=lambda key: self._store.next_number(f"{kind.token}/{region}/{key}"),
        )

    def _id(self, kind: ResourceType, evaluator: Evaluator) -> str:
        value = plain(evaluator.output("id"))
        if value is None or value is UNKNOWN:
            raise Refusal.unknown(
                f"the table of {kind.token} gives no id", "mend its `id` template"
            )
        return str(value)

    def _place(self, kind: ResourceType, region: str) -> str:
        return "" if kind.table.is_global else region

    def _run_cloud_checks(
        self, session: Session, kind: ResourceType, region: str, inputs: Values
    ) -> None:
        cloud = self.cloud(session, region)
        names = kind.table.cloud_checks
        refuse_problems(run_checks(kind, names, Properties.of(inputs), cloud))

    def _meet_fault(self, session: Session, operation: str, kind: ResourceType) -> str | None:
        return faults.meet(self._store, self._latency, session.cancelled, operation, kind.token)

    # Read

    def read(
        self, session: Session, kind: ResourceType, object_id: str, state: Values
    ) -> StoredObject | None:
        """The object as the cloud has it now; None when it is gone."""
        self._meet_fault(session, "read", kind)
        held = self._held(session, kind, object_id, state)
        if held is None:
            return None
        cloud = self.cloud(session, self.region_of(session, state))
        return replace(held, outputs=with_read_back(kind, held.outputs, cloud))

    def _held(
        self, session: Session, kind: ResourceType, object_id: str, state: Mapping[str, Value]
    ) -> StoredObject | None:
        region = self.region_of(session, state)
        plain_id, at, named = object_id.rpartition("@")
        found = self._store.get(kind.token, self._place(kind, region), object_id)
        if found is None and at:
            found = self._store.get(kind.token, named, plain_id)
        return found

    # Update

    def update(
        self,
        session: Session,
        kind: ResourceType,
        object_id: str,
        *,
        prior: Values,
        news: Values,
        changed: frozenset[str],
        kept: frozenset[str] = frozenset(),
        preview: bool,
    ) -> Values:
        """The outputs after the change, which is made unless it is a preview. `kept`: properties
        that are left as they are. Raises Refusal."""
        region = self.region_of(session, news)
        if preview or not session.package.holds_objects:
            held = self._held(session, kind, object_id, prior)
            origin = self._next_origin(held) if held else self._origin()
            sent = _left(news, prior, kept)
            given = passed_through(kind, sent, session.configuration, region)
            evaluator = self._evaluator(session, kind, given, region, origin)
            return updated(
                kind, given, evaluator, prior=prior, changed=_with_version(changed), preview=preview
            )
        failed = self._meet_fault(session, "update", kind)
        with self._store.transaction():
            held = self._held(session, kind, object_id, prior)
            if held is None:
                raise Refusal.missing(
                    f"{kind.table.not_found}: {kind.token} {object_id} does not exist any more: "
                    "run `pulumi refresh`"
                )
            origin = self._next_origin(held)
            sent = _left(news, held.outputs, kept)
            given = passed_through(kind, sent, session.configuration, region)
            resolved = list(self.directory(session, region).resolve(kind, sent))
            self._run_update_checks(session, kind, region, held, sent)
            self._run_cloud_checks(session, kind, region, {**sent, "id": held.id})
            evaluator = self._evaluator(session, kind, given, region, origin)
            outputs = updated(
                kind,
                given,
                evaluator,
                prior=dict(held.outputs),
                changed=_with_version(changed),
                preview=False,
            )
            scope = claim(self._store, kind, held.region, outputs, self._now(), held.key)
            self._store.update(
                held.key,
                inputs=news,
                outputs=outputs,
                version=origin.version,
                name_scope=scope,
                edges=edges(resolved),
            )
        if not self._latency.wait(kind.table.latency_seconds.update, session.cancelled):
            failed = failed or "the wait for it was cancelled; the cloud has the new values"
        failed = failed or self._await_ready(session, kind, region, outputs)
        if failed is not None:
            raise PartlyCreated(object_id, outputs, news, failed)
        return with_read_back(kind, outputs, self.cloud(session, region))

    def _run_update_checks(
        self,
        session: Session,
        kind: ResourceType,
        region: str,
        held: CloudObject,
        news: Values,
    ) -> None:
        refuse_problems(
            run_checks(
                kind,
                kind.table.update_checks,
                Properties.of(held.outputs),
                Properties.of(news),
                self.cloud(session, region),
            )
        )

    # Delete

    def delete(self, session: Session, kind: ResourceType, object_id: str, state: Values) -> None:
        """Delete the object. One that is gone already is no error. Raises Refusal."""
        if not session.package.holds_objects:
            return
        self._meet_fault(session, "delete", kind)
        with self._store.transaction():
            held = self._held(session, kind, object_id, state)
            if held is None:
                return
            cloud = self.cloud(session, held.region)
            deletion.delete(self._store, kind, held, state, self._now(), cloud)
        self._latency.wait(kind.table.latency_seconds.delete, session.cancelled)

    # Functions

    def invoke(self, session: Session, token: str, arguments: Values) -> Values:
        """The answer of a function. Raises Refusal."""
        return functions.answer(
            session.package,
            session.package.function(token),
            arguments,
            self.cloud(session, self.region_of(session, arguments)),
            self._origin(),
            self._store.next_number,
        )


def _with_version(changed: frozenset[str]) -> frozenset[str]:
    return changed | {"$version"} if changed else changed


def _left(news: Values, before: Mapping[str, Value], kept: frozenset[str]) -> Values:
    """The new inputs with those properties that are left as they were."""
    moved = {name: value for name, value in news.items() if name not in kept}
    return moved | {name: before[name] for name in kept if before.get(name) is not None}


def refuse_problems(problems: list[Problem]) -> None:
    """Raise a Refusal that names all the problems, if there are any."""
    if problems:
        raise Refusal.invalid(in_words(problems))
