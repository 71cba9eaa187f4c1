"""Letta on AWS: one file per role."""
