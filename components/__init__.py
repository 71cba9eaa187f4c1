"""Components of a Letta deployment: neutral arguments and roles, one package per cloud."""
