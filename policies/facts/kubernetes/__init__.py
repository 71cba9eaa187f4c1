"""From Kubernetes objects to neutral facts, whichever cloud the cluster stands in."""
