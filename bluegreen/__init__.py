"""The operator's tool of the blue-green payment platform."""

__version__ = "0.2.0"  # the heading of CHANGELOG.md
