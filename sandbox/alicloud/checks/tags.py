"""Tags."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

MOST = 20
LONGEST = 128
_RESERVED = ("aliyun", "acs:")
_LINKS = ("http://", "https://")


def well_formed(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Twenty tags at most, none with a name of Aliyun's own (documentation of Tag, "Limits")."""
    tags = properties["tags"] or {}
    if len(tags) > MOST:
        yield Problem("tags", f"{len(tags)} tags; at most {MOST} are allowed")
    for key, value in tags.items():
        if not key or len(key) > LONGEST or len(str(value)) > LONGEST:
            yield Problem("tags", f"{key!r}: keys and values have {LONGEST} characters at most")
        if key.lower().startswith(_RESERVED) or any(link in key for link in _LINKS):
            yield Problem("tags", f"{key!r} begins with aliyun or acs:, or holds a link")
