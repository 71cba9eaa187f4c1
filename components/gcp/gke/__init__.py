"""What runs on Kubernetes on Google Cloud (GKE)."""
