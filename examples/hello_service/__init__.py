"""A service to begin with."""
