"""Checks of the types of Google Cloud."""
