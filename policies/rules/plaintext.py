"""What a secret looks like when somebody left it in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable

SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|API_?KEY|ACCESS_KEY(_ID)?|PRIVATE_KEY|"
    r"ENCRYPTION_KEY)$"
)
"""Names of variables whose value is a secret."""

_USER_AND_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^\s:/@{}<>'\"]*:([^\s/@{}<>'\"]+)@")
_PLACEHOLDER = re.compile(r"[A-Z_]+|\*+|\$\w+")

_SHAPES = (
    ("a private key", ("-----BEGIN",), re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("an AWS access key", ("AKIA", "ASIA"), re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("an OpenAI, Anthropic or OpenRouter key", ("sk-",), re.compile(r"\bsk-[A-Za-z0-9_-]{16,}")),
    ("a Google API key", ("AIza",), re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b")),
    ("a Groq key", ("gsk_",), re.compile(r"\bgsk_[A-Za-z0-9]{20,}")),
    ("an xAI key", ("xai-",), re.compile(r"\bxai-[A-Za-z0-9]{20,}")),
    ("a GitHub token", ("gh",), re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}")),
    ("a Slack token", ("xox",), re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
    ("a Hugging Face token", ("hf_",), re.compile(r"\bhf_[A-Za-z0-9]{20,}")),
)
"""Forms that the issuers give to their keys, and what each has in it: hardly any text has, and a
text is looked through for that much faster than for the form."""

_WORD = re.compile(r"[A-Za-z0-9_-]{8,}")


def shape(text: str) -> str:
    """What secret a string holds, by its form; empty when none."""
    if "://" in text:
        for match in _USER_AND_PASSWORD.finditer(text):
            if not _PLACEHOLDER.fullmatch(match.group(1)):
                return "an address with a password"
    for what, signs, form in _SHAPES:
        for sign in signs:
            if sign in text and form.search(text):
                return what
    return ""


class Confidential:
    """Finds values that must appear nowhere, in time linear in the texts looked at.

    A value is looked for where its longest word stands; one without a word of eight characters
    would be found by chance, and is not looked for.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._by_word: dict[str, list[str]] = {}
        for value in set(values):
            words = _WORD.findall(value)
            if words:
                self._by_word.setdefault(max(words, key=len), []).append(value)

    def appears_in(self, text: str) -> bool:
        """Whether one of the values is part of a string."""
        return any(
            value in text for word in _WORD.findall(text) for value in self._by_word.get(word, ())
        )
