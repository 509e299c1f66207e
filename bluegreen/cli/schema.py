"""`bluegreen schema`: what an editor checks a deployment's file against."""

from safe_io import exact

from bluegreen.cli.project import CODE

# Written by `make generated` from the models; synthesis and command line do not import each other.
SCHEMA = CODE / "config" / "schema.json"


def schema() -> None:
    """Print the JSON Schema of a deployment's TOML file, for editors.

    Editors with Taplo ("Even Better TOML") read its path in the file's first line, relative to the file:
    `#:schema schema.json`. Every key, with its default and an example, is in docs/configuration.md.

    Examples:
        bluegreen schema > schema.json
    """
    exact(SCHEMA.read_text(encoding="utf-8"))
