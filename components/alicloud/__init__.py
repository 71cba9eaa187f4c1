"""Alibaba Cloud: one file per role, and `PLATFORM` at the end."""
