"""What is never proposed newer is there, and is pinned by something else than itself."""

import json
import tomllib
from typing import Any

import yaml

from tests.workspaces import ROOT

UPDATES: list[dict[str, Any]] = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]


def ignored(ecosystem: str) -> set[str]:
    (update,) = [update for update in UPDATES if update["package-ecosystem"] == ecosystem]
    return {entry["dependency-name"] for entry in update.get("ignore", ())}


def test_each_ecosystem_of_the_project_is_looked_after() -> None:
    assert [update["package-ecosystem"] for update in UPDATES] == ["github-actions", "pip", "npm"]


def test_what_is_ignored_is_there() -> None:
    pipfile = tomllib.loads((ROOT / "Pipfile").read_text())
    node = json.loads((ROOT / "package.json").read_text())
    assert ignored("pip") < {*pipfile["packages"], *pipfile["dev-packages"]}
    assert ignored("npm") < {*node["devDependencies"]}
