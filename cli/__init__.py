"""The `letta-cloud` command."""
