"""What every cloud's components keep to, on every tier."""
