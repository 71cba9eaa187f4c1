"""Medium from its own task definitions: a user's first day, before the load balancer."""

from __future__ import annotations

from components.letta.environment import ENCRYPTION_KEY, POSTGRES_URI, SERVER_PASSWORD
from tests.live.conftest import Booted
from tests.live.fake_llm import FakeLlm
from tests.live.journey import Journey


def test_a_user_with_the_password_has_a_good_first_day_and_strangers_have_none(
    booted: Booted, model: FakeLlm
) -> None:
    Journey(client=booted.client, model_endpoint=model.url).walk()


def test_a_path_without_its_last_slash_leads_to_the_same_place_by_tls(booted: Booted) -> None:
    assert booted.redirect("/v1/agents?limit=1") == (307, f"{booted.url}/v1/agents/?limit=1")


def test_no_secret_is_in_the_log_of_a_server(booted: Booted) -> None:
    logs = booted.plane.containers
    found = []
    for copy in (each for copies in booted.plane.running.values() for each in copies):
        said = logs.log(copy.container).read_text(encoding="utf-8")
        given = copy.container.process.environment
        assert "Using secure mode" in said
        found += [
            (copy.container.name, variable)
            for variable in (POSTGRES_URI, SERVER_PASSWORD, ENCRYPTION_KEY)
            # Of a URI, the password.
            if given[variable].partition("@")[0].rpartition(":")[2] in said
        ]
    assert found == []
