"""What the tables of the random types name."""
