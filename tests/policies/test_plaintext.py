from __future__ import annotations

import pytest

from policies.rules import plaintext
from policies.rules.plaintext import Confidential

# Made up, and put together here so that no scanner takes this file for a leak.
KEYS = {
    "an AWS access key": "AKIA" + "Q7" * 8,
    "an OpenAI, Anthropic or OpenRouter key": "sk-" + "ant-" + "a1B2" * 6,
    "a Google API key": "AIza" + "x" * 35,
    "a Groq key": "gsk_" + "a1" * 12,
    "an xAI key": "xai-" + "a1" * 12,
    "a GitHub token": "ghp_" + "a1" * 18,
    "a Slack token": "xoxb-" + "123456789012",
    "a Hugging Face token": "hf_" + "a1" * 12,
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "an address with a password": "postgresql://letta:" + "Zq8vT2mW" + "@db.internal:5432/letta",
}


@pytest.mark.parametrize(("what", "key"), KEYS.items(), ids=KEYS)
def test_a_key_is_known_by_its_form_wherever_it_stands(what: str, key: str) -> None:
    assert plaintext.shape(key) == what
    assert plaintext.shape(f'export KEY="{key}" # for later') == what


@pytest.mark.parametrize(
    "text",
    [
        "",
        "letta-medium-db-0a1b2c3",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:letta-medium-db-app-uri-0a1b2c3",
        "https://models.example.com:8443/v1",
        "postgresql://USER:PASSWORD@HOST:5432/DATABASE",
        "://***:***@",
        'f"postgresql://{user}:{password}@{host}"',
        "postgresql://letta:$PASSWORD@db",
        "resolve:ssm:/aws/service/ecs/optimized-ami",
        "user@example.com",
        "task-sk-short",
    ],
)
def test_what_only_looks_like_a_secret_is_let_through(text: str) -> None:
    assert plaintext.shape(text) == ""


@pytest.mark.parametrize(
    ("variable", "secret"),
    [
        ("LETTA_SERVER_PASSWORD", True),
        ("OPENAI_API_KEY", True),
        ("AWS_ACCESS_KEY_ID", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("LETTA_ENCRYPTION_KEY", True),
        ("MODAL_TOKEN_SECRET", True),
        ("LETTA_UVICORN_TIMEOUT_KEEP_ALIVE", False),
        ("LETTA_KEEPALIVE_INTERVAL", False),
        ("AWS_DEFAULT_REGION", False),
        ("AZURE_BASE_URL", False),
    ],
)
def test_names_of_variables_tell_which_values_are_secrets(variable: str, secret: bool) -> None:
    assert bool(plaintext.SECRET_NAME.search(variable)) is secret


def test_a_confidential_value_is_found_inside_other_text_and_only_whole() -> None:
    values = Confidential(["s3cr3t-value-of-the-stack", "p+q/r=longerthanothers~!"])
    assert values.appears_in("note: s3cr3t-value-of-the-stack, keep")
    assert values.appears_in("x=p+q/r=longerthanothers~!")
    assert not values.appears_in("note: s3cr3t-value-of-another")
    assert not values.appears_in("nothing")


def test_values_too_short_to_tell_from_chance_are_not_looked_for() -> None:
    assert not Confidential(["letta"]).appears_in("letta-medium")
