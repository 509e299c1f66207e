"""The one error of this package."""


class BindingsError(Exception):
    """Why trimmed bindings can't be had. No reason not to synthesize: the stock package serves, slowly."""


def in_one_line(error: Exception) -> str:
    """Its message in one line of ASCII: paths may hold anything."""
    return " ".join(str(error).split()).encode("unicode_escape").decode("ascii")
