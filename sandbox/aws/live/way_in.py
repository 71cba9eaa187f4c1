"""Names of a stack whose one machine faces the internet itself."""

from __future__ import annotations

from sandbox.live.spec import Objects

RECORD = "aws:route53/record:Record"
ADDRESS = "aws:ec2/eip:Eip"


def domains(objects: Objects) -> tuple[str, ...]:
    """Names whose record is an address of the stack's own."""
    addresses = {str(item.get("publicIp")) for item in objects.all(ADDRESS)}
    return tuple(
        str(item.get("fqdn"))
        for item in objects.all(RECORD)
        if item.get("type") == "A" and addresses & set(item.get("records") or ())
    )
