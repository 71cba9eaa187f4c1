"""Refusals: what the sandbox says instead of doing something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc

from sandbox.values import Properties

if TYPE_CHECKING:
    from pydantic import ValidationError


class Refusal(Exception):  # noqa: N818 - the cloud's answer, not a fault of the program
    """The simulated cloud will not do it; the message is for whoever runs `pulumi`."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @classmethod
    def invalid(cls, message: str) -> Refusal:
        """The request itself is wrong."""
        return cls(grpc.StatusCode.INVALID_ARGUMENT, message)

    @classmethod
    def missing(cls, message: str) -> Refusal:
        """Something that is named does not exist."""
        return cls(grpc.StatusCode.NOT_FOUND, message)

    @classmethod
    def taken(cls, message: str) -> Refusal:
        """A name is in use."""
        return cls(grpc.StatusCode.ALREADY_EXISTS, message)

    @classmethod
    def blocked(cls, message: str) -> Refusal:
        """The state of the cloud does not allow it now."""
        return cls(grpc.StatusCode.FAILED_PRECONDITION, message)

    @classmethod
    def unknown(cls, what: str, way_out: str) -> Refusal:
        """The sandbox does not simulate it."""
        return cls(grpc.StatusCode.UNIMPLEMENTED, f"{what}: {way_out}")

    @classmethod
    def broken_table(cls, file: str, error: ValidationError) -> Refusal:
        """A table that cannot be read."""
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
        return cls(grpc.StatusCode.UNIMPLEMENTED, f"the table {file} is wrong: {faults}")


class PartlyCreated(Exception):  # noqa: N818 - as Refusal
    """The object exists but did not become ready; the engine keeps it as such."""

    def __init__(
        self, object_id: str, outputs: Properties, inputs: Properties, reason: str
    ) -> None:
        super().__init__(reason)
        self.object_id = object_id
        self.outputs = outputs
        self.inputs = inputs
        self.reason = reason


@dataclass(frozen=True)
class Problem:
    """What is wrong with one property."""

    property: str
    reason: str
    place: tuple[str | int, ...] = field(default=())


def in_words(problems: Iterable[Problem]) -> str:
    """All the problems in one line."""
    return "; ".join(f"{problem.property}: {problem.reason}" for problem in problems)
