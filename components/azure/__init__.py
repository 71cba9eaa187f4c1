"""Azure: one file per role, and `PLATFORM` at the end."""
