"""What `production` consists of changes only with its golden file, so that a review sees it."""

from collections.abc import Mapping

from tests.modules.golden.production import blocks, readable, reviewed
from tests.stack_reader import Stack


def test_production_is_as_reviewed(stacks: Mapping[str, Stack]) -> None:
    now = blocks(readable(stacks["production"].document))
    then = blocks(reviewed())

    added, removed = sorted(now.keys() - then.keys()), sorted(then.keys() - now.keys())
    changed = {
        address: (then[address], now[address])
        for address in now.keys() & then.keys()
        if now[address] != then[address]
    }
    message = "production has changed. If that is meant: make generated, and commit the file"
    assert (added, removed, changed) == ([], [], {}), message


def test_hashes_of_the_code_are_the_only_values_left_out(stacks: Mapping[str, Stack]) -> None:
    text = repr(readable(stacks["production"].document))

    assert "(hash of the code)" in text
    assert text.count("(package of switch)") == 2
    assert text.count("(package of rotation)") == 2
