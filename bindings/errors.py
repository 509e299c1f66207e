"""The one error of this package."""


class BindingsError(Exception):
    """Why trimmed bindings can't be had. No reason not to synthesize: the stock package serves, slowly."""
