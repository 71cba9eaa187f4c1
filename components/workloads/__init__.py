"""What runs on a Kubernetes cluster, written once for every cloud's cluster."""
