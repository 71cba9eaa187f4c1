"""Medium from its own task definitions: a user's first day, before the load balancer."""

from __future__ import annotations

from tests.live.conftest import Booted
from tests.live.fake_llm import FakeLlm
from tests.live.journey import Journey


def test_a_user_with_the_password_has_a_good_first_day_and_strangers_have_none(
    booted: Booted, model: FakeLlm
) -> None:
    Journey(client=booted.client, model_endpoint=model.url).walk()
