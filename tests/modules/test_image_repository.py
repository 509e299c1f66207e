"""Images: in a repository of the stack, or in one that exists."""

import json
from pathlib import Path

import pytest

from tests.stack_reader import Stack
from tests.workspaces import stack_of, synthesize, with_shipped_configuration


def test_tags_stay_and_images_are_scanned_and_encrypted(stack: Stack) -> None:
    repository = stack.one("aws_ecr_repository")

    assert repository["image_tag_mutability"] == "IMMUTABLE"
    assert repository["image_scanning_configuration"] == {"scan_on_push": True}
    (encryption,) = repository["encryption_configuration"]
    assert encryption["encryption_type"] == "KMS"
    assert stack.named(encryption["kms_key"]) == stack.one("aws_kms_key")
    assert repository["force_delete"] is False


def test_only_what_has_no_tag_and_what_is_very_old_expires(stack: Stack) -> None:
    rules = json.loads(stack.one("aws_ecr_lifecycle_policy")["policy"])["rules"]

    assert [(rule["selection"]["tagStatus"], rule["selection"]["countType"]) for rule in rules] == [
        ("untagged", "sinceImagePushed"),
        ("any", "imageCountMoreThan"),
    ]
    assert [rule["rulePriority"] for rule in rules] == [1, 2]


@pytest.mark.integration
def test_images_may_be_in_a_repository_that_exists(tmp_path: Path) -> None:
    file = with_shipped_configuration(tmp_path) / "config" / "staging.toml"
    text = file.read_text(encoding="utf-8").replace(
        "amazonaws.com/payments-staging@", "amazonaws.com/team/shop@"
    )
    text = text.replace("[colours.blue]", "[registry]\ncreate_repository = false\n\n[colours.blue]")
    file.write_text(text, encoding="utf-8")

    result = synthesize(tmp_path, DEPLOYMENT="staging")

    assert result.returncode == 0, result.stderr
    stack = Stack(stack_of(tmp_path, "staging"))
    assert stack.all("aws_ecr_repository") == stack.all("aws_ecr_lifecycle_policy") == []
    for colour in ("blue", "green"):
        statements = {s["Sid"]: s for s in stack.at(f"{colour}-fargate/execution").policy()}
        assert statements["PullTheImage"]["Resource"] == [
            "arn:aws:ecr:us-east-1:123456789012:repository/team/shop"
        ]
