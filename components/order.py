"""What of a component waits, and what does not."""

from __future__ import annotations

import copy

import pulumi


def at_once(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Options of a component of which only a part waits for `opts.depends_on`.

    A component that waits is registered late, and all its children with it: machines would only
    be asked for once the database is prepared. The part that must wait is told so itself.
    """
    own = copy.copy(opts)
    own.depends_on = None
    return own
