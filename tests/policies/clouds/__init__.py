"""One module for each cloud: its stacks, and bad configurations of its resources."""
