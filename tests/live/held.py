"""What a stack file leaves in the cloud, as its components ask for it, without the engine."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import pytest
from google.protobuf import json_format

from infra import platforms
from infra.settings import load
from infra.stack import Deployment
from sandbox.cloud import CloudObject
from sandbox.live.spec import Objects
from tests.components.aws import mock_cloud
from tests.live.clouds import told
from tests.policies.assembly import stack_file


def whole(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The value with whole numbers as such, as a cloud gives them."""
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@cache
def held(cloud: str, tier: str) -> Objects:
    """The objects of the stack file of a tier on a cloud."""
    functions = importlib.import_module(f"tests.components.{cloud}.deployment").FUNCTIONS
    settings = load(
        stack_file(tier, {}, cloud),
        secret_keys={"llm"},
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )
    found: list[CloudObject] = []

    class Monitor(mock_cloud._Monitor):
        """Remembers what it answers."""

        def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802 - the engine's
            answer = super().RegisterResource(request)
            if request.custom:
                asked = whole(mock_cloud._plain(json_format.MessageToDict(answer.object)))
                own, outputs = told(cloud).as_held(request.type, answer.id, asked)
                found.append(
                    CloudObject(
                        type=request.type,
                        id=own,
                        region="",
                        inputs={},
                        outputs=outputs,
                        name=request.name,
                    )
                )
            return answer

        def _on_cluster(self, urn: str, request: Any) -> Any:  # noqa: ANN401 - the engine's
            metadata = request.object.fields["metadata"].struct_value
            if not metadata.fields["name"].string_value:
                metadata.fields["name"].string_value = f"{request.name}-1a2b3c4d"
            return super()._on_cluster(urn, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mock_cloud, "_Monitor", Monitor)
        mock_cloud.run(
            lambda: Deployment("live", settings, platforms.platform(cloud)), functions=functions
        )
    return Objects(found)
