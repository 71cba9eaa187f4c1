"""Checks of the types of Azure."""
