"""The program: settings, tiers, the one assembly."""
