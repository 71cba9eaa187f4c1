"""A simulated cloud that answers the Pulumi engine as a resource provider. See README.md."""
