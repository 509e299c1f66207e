"""Every dependency has its row in docs/dependencies.md, a licence that will do, and its locked version."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from tests.workspaces import ROOT

DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
PIPFILE = tomllib.loads((ROOT / "Pipfile").read_text(encoding="utf-8"))
LOCK = json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8"))
NODE = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
NODE_LOCK = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]

# SPDX identifiers. MPL-2.0 binds changes to its own files only; we change none.
WILL_DO = {
    *("0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python"),
    *("ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Public-Domain", "Unlicense", "Zlib"),
}
# What packages say that don't say it in SPDX.
SAYS = {
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "Public-Domain",
    "Python Software Foundation License": "PSF-2.0",
}
# Used by one script of the tests, in a process of its own; not shipped (docs/dependencies.md).
ONLY_RUN_BY_TESTS = {
    f"node_modules/@cloud-copilot/{name}": "AGPL-3.0-or-later"
    for name in ("iam-policy", "iam-simulate", "iam-utils")
}
LOCKED = {name: entry for part in ("default", "develop") for name, entry in LOCK[part].items()}


def rows() -> dict[str, str]:
    """Package → licence."""
    return dict(re.findall(r"^\| `([\w.@/-]+)`(?: \(npm\))? \| ([^|]+) \|", DOCUMENT, re.M))


def licence(package: str) -> str:
    """What the installed package says, in SPDX."""
    found = metadata.metadata(package)
    for expression in found.get_all("License-Expression") or ():
        return str(expression)
    classified = [
        text.split(" :: ")[-1] for text in found.get_all("Classifier") or () if "License ::" in text
    ]
    classified = [SAYS[text] for text in classified if text in SAYS]
    written = "".join(found.get_all("License") or ()).strip()
    return " OR ".join(classified) or SAYS.get(written, written)


def alternatives(expression: str) -> Iterator[set[str]]:
    """The sets of licences, one of which has to do: `A AND (B OR C)` → {A, B}, {A, C}."""
    expression = re.sub(r"^\((.*)\)$", r"\1", expression)
    parts = [re.sub(r"[()]", "", part).split(" OR ") for part in expression.split(" AND ")]
    chosen: list[set[str]] = [set()]
    for part in parts:
        chosen = [so_far | {one} for so_far in chosen for one in part]
    yield from chosen


def will_do(expression: str) -> bool:
    return any(licences <= WILL_DO for licences in alternatives(expression))


def test_every_dependency_has_a_row_with_its_licence() -> None:
    python = {*PIPFILE["packages"], *PIPFILE["dev-packages"]}
    node = {*NODE.get("dependencies", {}), *NODE["devDependencies"]}
    expected = {name: licence(name) for name in python}
    expected |= {name: NODE_LOCK[f"node_modules/{name}"]["license"] for name in node}
    assert rows() == expected


def test_every_locked_package_has_a_licence_that_will_do() -> None:
    installed = {entry.name.lower().replace("_", "-") for entry in metadata.distributions()}
    python = {name: licence(name) for name in LOCKED if name.replace("_", "-") in installed}
    node = {
        path: SAYS.get(entry["license"], entry["license"])
        for path, entry in NODE_LOCK.items()
        if path and not entry.get("link")
    }
    assert {name: found for name, found in (python | node).items() if not will_do(found)} == ONLY_RUN_BY_TESTS
    assert all(NODE_LOCK[path]["dev"] for path in ONLY_RUN_BY_TESTS)
    assert len(python) > len(LOCKED) - 10  # those for other systems are not installed


def test_what_is_installed_is_what_is_locked() -> None:
    wrong: dict[str, Any] = {}
    for name, entry in LOCKED.items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = None
        if installed != entry["version"].removeprefix("==") and not (
            installed is None and "markers" in entry
        ):
            wrong[name] = (installed, entry["version"])
    assert wrong == {}


def test_everything_is_locked_by_hashes() -> None:
    assert [name for name, entry in LOCKED.items() if not entry.get("hashes")] == []
    unsealed = [
        path
        for path, entry in NODE_LOCK.items()
        if path and not entry.get("integrity") and not entry.get("inBundle")  # in a package that is sealed
    ]
    assert unsealed == []


def test_versions_are_exact() -> None:
    for part in ("packages", "dev-packages"):
        for name, wanted in PIPFILE[part].items():
            text = wanted if isinstance(wanted, str) else wanted["version"]
            assert text.startswith("=="), name
    assert all(re.fullmatch(r"[\d.]+", wanted) for wanted in NODE["devDependencies"].values())


def test_licences_are_judged_as_expressions() -> None:
    assert will_do("MIT AND (Apache-2.0 OR GPL-3.0-or-later)")
    assert will_do("(MIT OR GPL-3.0-or-later)")
    assert not will_do("MIT AND GPL-3.0-or-later")
    assert not will_do("")
