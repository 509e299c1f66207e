"""What an operator types is data, not Terraform code.

Terraform reads every string of its JSON syntax as a template: `${…}` and `%{…}` are code there, `$${` and
`%%{` stand for the characters. Source: Terraform language, "JSON Configuration Syntax" and "Strings and
Templates". What no escape protects is refused before (`modules.config.model`).
"""

from typing import TypeVar

from pydantic import BaseModel

Value = TypeVar("Value")


def literal(value: Value) -> Value:
    """The same configuration, with every text in it escaped so that Terraform reads it as it was typed."""
    escaped: object = value
    match value:
        case str():
            escaped = value.replace("${", "$${").replace("%{", "%%{")
        case tuple():
            escaped = tuple(map(literal, value))
        case dict():
            escaped = {literal(key): literal(inner) for key, inner in value.items()}
        case BaseModel():
            escaped = value.model_copy(update={name: literal(inner) for name, inner in value})
    return escaped  # type: ignore[return-value]  # each case keeps the type
