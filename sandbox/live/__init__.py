"""The live sandbox: what a stack deploys, as real processes on the loopback address."""
