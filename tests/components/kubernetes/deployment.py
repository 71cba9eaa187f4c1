"""Whole deployments on the stand-in engine, as a stack file asks for them."""

from __future__ import annotations

from tests.components.aws import mock_cloud

FUNCTIONS: dict[str, mock_cloud.Function] = {}
"""What functions of the cloud answer: a tenant calls none."""
