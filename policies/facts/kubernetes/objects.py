"""What Kubernetes objects have in common: names, namespaces, labels, and what selects what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from policies.facts.resource import Node, Resource

_DEFAULT_NAMESPACE = "default"


def name(resource: Resource) -> str:
    """Its name in the cluster."""
    return resource.root.text("metadata.name")


def namespace(resource: Resource) -> str:
    """Its namespace."""
    return resource.root.text("metadata.namespace", _DEFAULT_NAMESPACE)


def selects(selector: Node, labels: Mapping[str, str]) -> bool:
    """Whether a label selector picks something; an empty one picks everything."""
    for key, value in selector.mapping("matchLabels").items():
        if labels.get(key, "") != value or key not in labels:
            return False
    return all(_holds(expression, labels) for expression in selector.nodes("matchExpressions"))


def _holds(expression: Node, labels: Mapping[str, str]) -> bool:
    key, values = expression.text("key"), expression.texts("values")
    operators: Mapping[str, Callable[[], bool]] = {
        "In": lambda: key in labels and labels[key] in values,
        "NotIn": lambda: key not in labels or labels[key] not in values,
        "Exists": lambda: key in labels,
        "DoesNotExist": lambda: key not in labels,
    }
    operator = expression.text("operator")
    if operator not in operators:
        return expression.unreadable("operator", "operator of a selector")  # type: ignore[no-any-return]
    return operators[operator]()
