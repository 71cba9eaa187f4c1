"""Any Kubernetes cluster that exists already: the stack is a tenant of it."""
