"""What an approver is shown of a plan: all that changes, and no secret."""

import json
from typing import Any

import pytest

from bluegreen.cli.views.plans import planned_markdown
from bluegreen.terraform.plans.changes import Changed, changes, is_secret

SECRET = "hunter2-hunter2"


def change(
    address: str, actions: list[str], before: Any = None, after: Any = None, **more: Any
) -> dict[str, Any]:
    return {"address": address, "change": {"actions": actions, "before": before, "after": after, **more}}


def shown(*found: dict[str, Any]) -> list[Changed]:
    return changes({"resource_changes": list(found)})


def lines(*found: dict[str, Any]) -> list[str]:
    return [f"{a.path}: {a.before} → {a.after}" for changed in shown(*found) for a in changed.attributes]


def test_deletions_and_replacements_come_first() -> None:
    found = shown(
        change("a.create", ["create"]),
        change("b.update", ["update"]),
        change("c.replace", ["create", "delete"]),
        change("d.replace", ["delete", "create"]),
        change("e.delete", ["delete"]),
        change("f.nothing", ["no-op"]),
        change("g.forget", ["forget"]),
    )
    assert [changed.address for changed in found] == [
        *("e.delete", "c.replace", "d.replace", "g.forget", "b.update", "a.create")
    ]


def test_what_changes_is_shown_before_and_after_and_nothing_else() -> None:
    before = {"name": "a", "size": 1, "tags": {"Colour": "blue", "Gone": "x"}, "cidrs": ["10.0.0.0/8"]}
    after = {
        "name": "a",
        "size": 2,
        "tags": {"Colour": "green", "New": "y"},
        "cidrs": ["10.0.0.0/8", "0.0.0.0/0"],
    }
    assert lines(change("a.b", ["update"], before, after)) == [
        "cidrs[1]: (none) → 0.0.0.0/0",
        "size: 1 → 2",
        "tags.Colour: blue → green",
        "tags.Gone: x → (none)",
        "tags.New: (none) → y",
    ]


def test_one_statement_of_a_policy_is_shown_not_all_of_it() -> None:
    def policy(action: str) -> dict[str, str]:
        statements = [{"Action": ["s3:GetObject"], "Resource": "*"}, {"Action": [action], "Resource": "*"}]
        return {"policy": json.dumps({"Statement": statements})}

    assert lines(change("a.b", ["update"], policy("kms:Decrypt"), policy("kms:*"))) == [
        "policy.Statement[1].Action[0]: kms:Decrypt → kms:*"
    ]


def test_what_replaces_a_resource_is_named() -> None:
    (found,) = shown(
        change("a.b", ["delete", "create"], {"port": 1}, {"port": 2}, replace_paths=[["port"], ["x", 0, "y"]])
    )
    assert found.replaced_by == ("port", "x[0].y")


def test_what_only_the_apply_tells_is_said_to_be_unknown() -> None:
    found = lines(
        change("a.b", ["update"], {"arn": "x", "list": [{"id": "1"}]}, {"list": [{}]},
               after_unknown={"arn": True, "list": [{"id": True}]})
    )  # fmt: skip
    assert found == ["arn: x → (known after apply)", "list[0].id: 1 → (known after apply)"]


def marked(before: Any, after: Any) -> dict[str, Any]:
    return {"before_sensitive": before, "after_sensitive": after}


@pytest.mark.parametrize(
    ("before", "after", "marks"),
    [
        ({"text": SECRET}, {"text": SECRET + "2"}, marked({"text": True}, {"text": True})),
        ({"a": [{"b": SECRET}]}, {"a": [{"b": SECRET * 2}]}, marked({"a": [{"b": True}]}, {"a": True})),
        ({"master_password": SECRET}, {"master_password": SECRET + "2"}, {}),
        ({"environment": [{"variables": {"DB_PASSWORD": SECRET}}]}, {"environment": [{"variables": {}}]}, {}),
        ({"definitions": json.dumps([{"name": "API_KEY", "value": SECRET}])}, {"definitions": "[]"}, {}),
        ({"auth": json.dumps({"authToken": SECRET})}, {"auth": "{}"}, {}),
        ({"connectionString": SECRET}, None, {}),
        (None, {"secret_string": SECRET}, {}),
        ({"credentials": [{"user": "a", "pass": SECRET}]}, None, {}),
    ],
)  # fmt: skip
def test_no_secret_is_shown(before: Any, after: Any, marks: dict[str, Any]) -> None:
    found = change("a.b", ["update"], before, after, **marks)
    assert lines(found)
    assert SECRET not in "\n".join(lines(found))


@pytest.mark.parametrize(
    "name",
    ["kms_key_id", "secret_arn", "BLUE_SECRET_ARN", "password_policy", "key", "token_url", "passing"],
)
def test_what_only_speaks_about_a_secret_is_shown(name: str) -> None:
    assert not is_secret(name)


def test_a_long_value_says_how_long_it_is() -> None:
    (line,) = lines(change("a.b", ["create"], None, {"text": "x" * 5000}))
    assert line.endswith("x… (5,000 characters)")


def result(*found: Changed) -> dict[str, Any]:
    as_json = [
        {
            "address": c.address,
            "action": c.action,
            "replaced_by": list(c.replaced_by),
            "attributes": [{"path": a.path, "before": a.before, "after": a.after} for a in c.attributes],
        }
        for c in found
    ]
    return {"deployment": "staging", "plan": 64 * "a", "changes": as_json, "changes_outputs": False}


def test_markdown_is_a_table_a_resource_and_texts_stay_texts() -> None:
    hostile = {"a": "x | y", "b": "<img src=x>", "c": "`[here](http://x)`"}
    page = planned_markdown(result(*shown(change("a.b", ["delete"], hostile))))
    rows = [line for line in page.splitlines() if line.startswith("| ") and "attribute" not in line]
    assert len(rows) == 3
    assert "<img" not in page
    assert "](" not in page


def test_a_summary_is_never_longer_than_github_takes() -> None:
    many = [
        change(f"a.b{number}", ["create"], None, {f"k{n}": "x" * 299 for n in range(40)})
        for number in range(200)
    ]
    page = planned_markdown(result(*shown(*many)))
    assert len(page.encode()) < 1024 * 1024
    assert "more changes are in the log of this job" in page
