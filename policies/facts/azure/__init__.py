"""Azure: its resources read as neutral facts."""
