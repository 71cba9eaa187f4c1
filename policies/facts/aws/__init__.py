"""Facts of a deployment on AWS."""
