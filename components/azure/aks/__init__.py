"""What runs on Kubernetes on Azure (AKS)."""
