"""What Letta 0.16.4 needs from any cloud: environment, providers, ports, bootstrap."""
