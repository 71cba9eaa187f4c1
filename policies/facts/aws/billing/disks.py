"""Disks of machines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policies.facts.billing import NotPriced
from policies.facts.resource import Node

ROOT_DEVICES = ("/dev/xvda", "/dev/sda1")
"""Names under which Linux images have the disk that a machine starts from (EC2 user guide, "Device
names for volumes")."""

_DEFAULT_TYPE = "gp2"
"""Of a volume that names none (EC2 API reference, "EbsBlockDevice")."""
_BY_SIZE = ("gp2", "gp3", "sc1", "st1")
"""Kinds that are billed by their size alone, as long as no more speed is ordered."""
_ORDERED = "gp3"
"""Kind whose speed can be ordered beside its size."""
_INCLUDED_IOPS = 3000
_INCLUDED_MIBPS = 125
"""What a gp3 volume can do without a surcharge (EBS user guide, "General Purpose SSD volumes")."""
NODE_TYPE = "gp3"
"""Of the disk of a node whose group has no launch template."""


@dataclass(frozen=True, kw_only=True)
class Disk:
    """A disk."""

    gib: int
    type: str
    """EBS's name of its kind."""


@dataclass(frozen=True, kw_only=True)
class Disks:
    """The disks of one machine."""

    root: Disk
    """The one that it starts from."""
    others: tuple[Disk, ...]


def of_template(mappings: Iterable[Node]) -> Disks:
    """The disks that the block device mappings of a launch template give to a machine."""
    found = [
        (mapping.text("deviceName"), disk(mapping.node("ebs"), "volumeSize", "volumeType"))
        for mapping in mappings
        if mapping.given("ebs")
    ]
    roots = [each for device, each in found if device in ROOT_DEVICES]
    if not roots:
        raise NotPriced("the size of the disk that its machines start from is the image's own")
    others = tuple(each for device, each in found if device not in ROOT_DEVICES)
    return Disks(root=roots[0], others=others)


def of_instance(root: Node) -> Disks:
    """The disks of a single machine."""
    if not root.stated("rootBlockDevice"):
        raise NotPriced("the size of the disk that it starts from is the image's own")
    attached = root.nodes("ebsBlockDevices") if root.stated("ebsBlockDevices") else ()
    return Disks(
        root=disk(root.node("rootBlockDevice"), "volumeSize", "volumeType"),
        others=tuple(disk(each, "volumeSize", "volumeType") for each in attached),
    )


def of_node(gib: int) -> Disks:
    """The disks of a node whose group has no launch template."""
    return Disks(root=Disk(gib=gib, type=NODE_TYPE), others=())


def disk(node: Node, size: str, kind: str) -> Disk:
    """A disk. `size`, `kind`: the properties that hold them."""
    if not node.stated(size):
        raise NotPriced("the size of a disk is not stated")
    named = require_by_size(node.text(kind) if node.stated(kind) else _DEFAULT_TYPE)
    _require_included(named, node)
    return Disk(gib=node.integer(size), type=named)


def of_class(parameters: Node, default: str) -> str:
    """The kind of disk that a storage class makes (EBS CSI driver, "Parameters"). `default`: of
    one that names none. Raises `NotPriced` for one that is not billed by its size alone."""
    named = require_by_size(parameters.text("type", default))
    _require_included(named, parameters)
    if named == _ORDERED and parameters.given("iopsPerGB"):
        raise NotPriced("a volume of its storage class has a speed that grows with its size")
    return named


def _require_included(kind: str, node: Node) -> None:
    # Other kinds tell the speed that follows from their size.
    if kind == _ORDERED and (
        _beyond(node, "iops", _INCLUDED_IOPS) or _beyond(node, "throughput", _INCLUDED_MIBPS)
    ):
        raise NotPriced("a volume has more speed than comes with its size")


def require_by_size(kind: str) -> str:
    """A kind of volume that is billed by its size. Raises `NotPriced` for any other."""
    if kind not in _BY_SIZE:
        raise NotPriced(f"a volume of type {kind} is not billed by its size alone")
    return kind


def _beyond(node: Node, name: str, included: int) -> bool:
    return node.stated(name) and node.integer(name) > included
