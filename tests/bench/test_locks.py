"""The pinned environment of the AWS CDK."""

from __future__ import annotations

import json
import re

from bench.synth import HERE, NODE_FILES, PYTHON_LOCK


def test_every_python_package_is_pinned_by_hash_whatever_the_registry() -> None:
    text = (HERE / PYTHON_LOCK).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 5
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text


def test_every_node_package_is_pinned_by_hash_whatever_the_registry() -> None:
    manifest, lock = ((HERE / name).read_text(encoding="utf-8") for name in NODE_FILES)
    assert "://" not in manifest + lock
    packages = {name: one for name, one in json.loads(lock)["packages"].items() if name}
    assert packages
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
