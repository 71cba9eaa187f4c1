"""Kubernetes on Alibaba Cloud: the ACK cluster, and what is peculiar to it."""
