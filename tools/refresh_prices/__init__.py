"""Reads the clouds' public price lists and brings the `list` book up to date."""
