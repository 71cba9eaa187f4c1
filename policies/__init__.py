"""Policies: rules that refuse a deployment at preview."""
