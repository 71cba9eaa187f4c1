"""What prepares a checkout; standard library only."""
