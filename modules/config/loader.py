"""Reads `config/*.toml`. All mistakes of all files are reported at once, each with file, key, value and what
is allowed.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from modules.config import Deployment

SECRET_KEY = re.compile(r"passw|secret|token|credential|private", re.IGNORECASE)

Location = tuple[int | str, ...]
KEY_ITSELF = "[key]"  # what pydantic appends where the key of a table is the mistake, not its value
BARE = re.compile(r"[A-Za-z0-9_-]+")


class ConfigurationError(Exception):
    """The configuration can't be used; nothing was synthesized.

    `mistakes` holds one text each: file, key, value, what is wrong, what is allowed, an example.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        count = f"{len(mistakes)} mistake" + ("s" if len(mistakes) > 1 else "")
        super().__init__("\n\n".join((f"configuration: {count}, nothing was synthesized", *mistakes)))


def load(directory: Path, only: str | None = None) -> tuple[Deployment, ...]:
    """Every deployment of `directory` by name, or only the one called `only`. Raises ConfigurationError."""
    files = sorted(directory.glob("*.toml"))
    if only is not None:
        chosen = [file for file in files if file.stem == only]
        if not chosen:
            names = ", ".join(file.stem for file in files) or "none"
            raise ConfigurationError(
                [f"DEPLOYMENT = {only!r}: no {directory / only}.toml\n    allowed: {names}"]
            )
        files = chosen
    if not files:
        raise ConfigurationError(
            [f"{directory}: no *.toml here\n    allowed: one file a deployment, for example local.toml"]
        )
    deployments: list[Deployment] = []
    mistakes: list[str] = []
    for file in files:
        try:
            deployments.append(_load(file))
        except ConfigurationError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(deployments)


# Where pydantic's own words speak of Python or quote a pattern. The line below says what is allowed.
PROBLEMS = {
    "extra_forbidden": "unknown key",
    "missing": "this key has no default",
    "model_type": "not a table",
    "string_pattern_mismatch": "not of the allowed form",
    "tuple_type": "not a list",
}


def _load(file: Path) -> Deployment:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # some editors write a BOM
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError([f"{file}: {error}\n    allowed: a readable TOML file in UTF-8"]) from error
    if "name" in document:
        raise ConfigurationError(
            [f"{file}: name = {document['name']!r}\n    the deployment is named by its file: remove the key"]
        )
    try:
        return Deployment.model_validate({"name": file.stem, **document})
    except ValidationError as error:
        details = error.errors()
        innermost = [d for d in details if not any(_is_inside(other["loc"], d["loc"]) for other in details)]
        raise ConfigurationError([_describe(file, document, detail) for detail in innermost]) from error


def _is_inside(inner: Location, outer: Location) -> bool:
    """A list that became too short because its items were refused is no mistake of its own."""
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _describe(file: Path, document: Mapping[str, Any], detail: ErrorDetails) -> str:
    location = _in_document(detail["loc"], document)
    key = ".".join(map(_readable, location))
    if detail["type"] == "missing":
        head = f"{file}: {key} is missing"
    elif isinstance(detail["input"], Mapping):  # the problem names what it means in there
        head = f"{file}: {key} = {{…}}"
    else:
        value = "(not shown)" if SECRET_KEY.search(key) else json.dumps(detail["input"], default=str)
        head = f"{file}: {key} = {value}"
    problem = PROBLEMS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    return "\n".join((head, f"    {problem}", *_allowed(location)))


def _in_document(location: Location, document: Mapping[str, Any]) -> Location:
    """The location as the file has it: pydantic adds the tag of a discriminated union, which is no key."""
    kept: list[int | str] = []
    here: Any = document
    for index, part in enumerate(location):
        is_tag = isinstance(here, Mapping) and part not in here and here.get("type") == part
        if (is_tag and index < len(location)) or (part == KEY_ITSELF and not isinstance(here, Mapping)):
            continue
        kept.append(part)
        if isinstance(here, Sequence) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            here = here.get(part) if isinstance(here, Mapping) else None
    return tuple(kept)


def _readable(part: int | str) -> str:
    """A key that an operator chose, as TOML quotes it unless it is a bare one."""
    return str(part) if isinstance(part, int) or BARE.fullmatch(part) else json.dumps(part)


def _allowed(location: Location) -> tuple[str, ...]:
    """What the model says about the key at `location`; for an unknown key, the keys there are."""
    models: tuple[type[BaseModel], ...] = (Deployment,)
    field: FieldInfo | None = None
    for part in location:
        if isinstance(part, int):
            continue  # a row of a list: its keys are those of the list's model
        if not models:
            break  # a key that the operator chose
        field = next((m.model_fields[part] for m in models if part in m.model_fields), None)
        if field is None:
            names = sorted({name for model in models for name in model.model_fields} - {"name"})
            return (f"    allowed here: {', '.join(names)}",)
        models = tuple(_models(field.annotation))
    if field is None or not field.description:
        names = sorted({name for model in models for name in model.model_fields})
        return (f"    allowed: a table with {', '.join(names)}",)
    example = f"; for example {json.dumps(field.examples[0])}" if field.examples else ""
    return (f"    allowed: {field.description}{example}",)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if get_origin(annotation) in (Union, UnionType, tuple, Annotated):
        return [model for member in get_args(annotation) for model in _models(member)]
    return [annotation] if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []
