"""Every policy is complete, explained, and guarded by a mutant."""

import ast
import re
from pathlib import Path

import pytest

from bluegreen.cli.errors import CommandError
from bluegreen.cli.policies import Row, manifest, markdown
from tests.policies import harness, mutants
from tests.policies.harness import POLICIES, Document
from tests.policies.test_mutants import kills
from tests.workspaces import ROOT

FILES = sorted(path for path in POLICIES.rglob("[!_]*.py"))
IMPERATIVE = re.compile(r"[a-z]+ ")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return manifest(POLICIES)


def test_every_row_is_complete(rows: list[Row]) -> None:
    for row in rows:
        assert re.fullmatch(r"CKV2?_BG_\d+", row["policy"])
        assert row["requirement"] is None or re.fullmatch(r"R\d\d", row["requirement"]), row
        assert re.fullmatch(r"\d{1,2}(\.\d{1,2}){1,3}", row["pci"]), row
        assert row["guideline"] == f"docs/policies.md#{row['policy'].lower()}"
        for name in ("title", "why", "fix"):
            assert row[name], row
            assert not row[name].endswith("."), row
        assert IMPERATIVE.match(row["fix"]), row


def test_whether_a_policy_is_about_a_resource_is_in_its_id(rows: list[Row]) -> None:
    assert [
        row["policy"] for row in rows if bool(row["resources"]) is row["policy"].startswith("CKV2_")
    ] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_policy_a_file_named_after_it(path: Path) -> None:
    tree = ast.parse(path.read_text())
    (policy,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    assert policy.name == "".join(word.capitalize() for word in path.stem.split("_"))
    assert ast.unparse(tree.body[-1]) == f"check = {policy.name}()"
    assert ast.get_docstring(tree)


def test_every_policy_kills_a_mutant(rows: list[Row], original: Document) -> None:
    killing = {policy for mutant in mutants.everything() for policy, _ in kills(mutant, original)[1]}
    assert {row["policy"] for row in rows} - killing == set()


def test_the_documentation_is_current(rows: list[Row]) -> None:
    current = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    assert current == markdown(rows), "run: bluegreen policies --docs docs/policies.md"


def test_a_pack_that_does_not_load_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").touch()
    (tmp_path / "broken.py").write_text("def")
    with pytest.raises(CommandError, match=r"broken\.py can't be imported: SyntaxError"):
        manifest(tmp_path)


@pytest.mark.usefixtures("pack")
def test_messages_say_what_where_why_and_how_to_mend(
    original: Document,
    place: Path,
) -> None:
    document = original | {"provider": {"aws": [{"region": "us-east-1"}]}}
    (finding,) = (
        finding for finding in harness.evaluate(document, place).findings if finding.policy == "CKV2_BG_34"
    )
    assert finding.resource == "provider.aws"
    assert finding.message == (
        "provider.aws: gives no Environment, CostCenter, MigrationPhase. "
        "The next resource carries no tags, unless its author adds them"
    )
    assert finding.fix == (
        "set default_tags of the aws provider to Environment, CostCenter, MigrationPhase, "
        "from the entry point's configuration"
    )
    assert (finding.requirement, finding.severity) == ("R34", "MEDIUM")
