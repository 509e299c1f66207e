"""What the state document says of resources."""

import json

import pytest

from bluegreen.terraform.state import State, parse


def test_addresses_and_marks() -> None:
    resources = [
        {"mode": "data", "type": "aws_region", "name": "r", "instances": [{"attributes": {}}]},
        {
            "mode": "managed",
            "type": "aws_lb",
            "name": "a",
            "instances": [
                {"index_key": 0, "attributes": {"name": "zero"}},
                {"index_key": "k", "status": "tainted", "attributes": {}},
            ],
        },
        {"module": "module.m", "mode": "managed", "type": "aws_lb", "name": "b", "instances": [{}]},
    ]
    found = parse(json.dumps({"lineage": "l", "serial": 3, "resources": resources}))
    assert (found.lineage, found.serial) == ("l", 3)
    assert [instance.address for instance in found.instances] == [
        "aws_lb.a[0]",
        'aws_lb.a["k"]',
        "module.m.aws_lb.b",
    ]
    assert [instance.address for instance in found.tainted] == ['aws_lb.a["k"]']
    assert "zero" not in repr(found)  # a state has secrets


def test_none_yet() -> None:
    assert parse("\n") == State()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"lineage": "l", "serial": 1, "resources": [{}]}'])
def test_no_state(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)
