"""Questions about the account, each asked once a program.

A question stops the program until its answer is there, and the SDK spends time on everything that
was registered before: asked again for each deployment, they would cost the square of their number.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from pulumi.runtime.settings import get_monitor

T = TypeVar("T")

_ANSWERS: WeakKeyDictionary[Any, dict[Hashable, Any]] = WeakKeyDictionary()
"""Connection to the engine -> what was answered over it; tests run many programs in a process."""


def once(key: Hashable, question: Callable[[], T]) -> T:
    """The answer to a question, asked when it is first needed.

    `key` says all that the answer depends on but the credentials, which a program has one of.
    """
    answers = _ANSWERS.setdefault(get_monitor(), {})
    if key not in answers:
        answers[key] = question()
    answer: T = answers[key]
    return answer
