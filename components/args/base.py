"""What all arguments have in common, and the kinds of value that several of them take."""

from __future__ import annotations

import ipaddress
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# RFC 1035 label rules, at least two labels.
DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$"
EMAIL = r"^[^@\s]{1,64}@[^@\s]+\.[^@\s]+$"


def _private_network(cidr: str) -> str:
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        raise ValueError(f"{cidr!r} is not an IPv4 network: {error}") from error
    if not network.is_private:
        raise ValueError(f"{cidr} is a public range; use one of RFC 1918, such as 10.0.0.0/16")
    return str(network)


def _network(cidr: str) -> str:
    try:
        return str(ipaddress.IPv4Network(cidr))
    except ValueError as error:
        raise ValueError(f"{cidr!r} is not an IPv4 network: {error}") from error


_UNROUTED = tuple(
    ipaddress.IPv4Network(cidr)
    for cidr in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
        "100.64.0.0/10",  # RFC 6598, carriers' own
        *("127.0.0.0/8", "169.254.0.0/16"),  # loopback and link-local
    )
)


def _public_network(cidr: str) -> str:
    network = _network(cidr)
    if any(ipaddress.IPv4Network(network).subnet_of(private) for private in _UNROUTED):
        raise ValueError(
            f"{cidr} is a private range, and this list is of public ones; the stack's own network "
            "and those peered with it are let in without it: remove the entry, or give the public "
            "address that your VPN or office calls from, such as 203.0.113.7/32"
        )
    return network


def unique(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands in the list more than once")
    return values


Architecture = Literal["x86_64", "arm64"]
"""Instruction set of a machine, as Linux distributions and AWS name it."""

Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the day, `22:00`."""

PrivateCidr = Annotated[str, AfterValidator(_private_network)]
Cidr = Annotated[str, AfterValidator(_network)]
PublicCidr = Annotated[str, AfterValidator(_public_network)]


class Args(BaseModel):
    """Base of all arguments: frozen, no unknown key, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    CHOICE: ClassVar[str | None] = None
    """The field that a role given as one word sets: `llm: vllm` is `llm: {hosting: vllm}`."""

    @classmethod
    def choices(cls) -> tuple[str, ...]:
        """The words that a role may be given as."""
        return get_args(cls.model_fields[cls.CHOICE].annotation) if cls.CHOICE else ()
