"""Checks of the types of Aliyun."""
