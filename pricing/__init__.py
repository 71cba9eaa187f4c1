"""What a deployment costs. Knows no engine: nothing here imports Pulumi."""
