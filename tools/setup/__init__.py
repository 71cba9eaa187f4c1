"""Set-up of a checkout: the virtual environment and the Pulumi engine.

Standard library only: it runs before anything is installed.
"""
