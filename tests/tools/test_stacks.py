"""The comparison of stacks with those of a commit."""

from pathlib import Path

import pytest

from tests.copies import copied
from tests.workspaces import DEPLOYMENTS, stack_of
from tools.stacks import archived, differences, main, synthesized


def test_equal_stacks_do_not_differ(workspace: Path) -> None:
    documents = {name: stack_of(workspace, name) for name in DEPLOYMENTS}
    assert list(differences(documents, copied(documents))) == []


def test_addresses_and_arguments_that_differ_are_named(workspace: Path) -> None:
    before = {"local": stack_of(workspace, "local")}
    after = copied(before)
    clusters = after["local"]["resource"]["aws_rds_cluster"]
    (moved,) = (name for name in clusters if "blue-database" in name)
    clusters["elsewhere"] = clusters.pop(moved)
    (listener,) = (name for name in after["local"]["resource"]["aws_lb_listener"] if "https" in name)
    forward = after["local"]["resource"]["aws_lb_listener"][listener]["default_action"][0]["forward"]
    forward["target_group"][1]["weight"] = 50
    for function in after["local"]["resource"]["aws_lambda_function"].values():
        function["source_code_hash"] = "other code"

    assert set(differences(before, after)) == {
        f"local: ~ resource.aws_lb_listener.{listener}: default_action[0].forward.target_group[1].weight",
        f"local: - resource.aws_rds_cluster.{moved}",
        "local: + resource.aws_rds_cluster.elsewhere",
    }


@pytest.mark.integration
def test_the_tree_of_a_commit_is_synthesized_by_its_own_code(tmp_path: Path) -> None:
    archived("HEAD", tmp_path)
    config = tmp_path / "config"
    for file in config.glob("*.toml"):
        if file.stem != "local":
            file.unlink()
    assert set(synthesized(tmp_path)) == {"local"}


def test_no_commit_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "fix: name it" in capsys.readouterr().err
