"""Kubernetes on AWS: the EKS cluster, and what is peculiar to it."""
