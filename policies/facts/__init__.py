"""From the engine's resources to neutral facts about a deployment."""
