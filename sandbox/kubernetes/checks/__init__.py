"""What the tables cannot say."""
