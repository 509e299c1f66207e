"""Architectures: of an index by its platforms, of a single image by its config in the registry."""

import pytest

from tests.bluegreen.operate.doctor.world import World, name_image

COLOURS = ("image: payments-staging-blue", "image: payments-staging-green")


@pytest.mark.parametrize(("architecture", "expected"), [("arm64", "passed"), ("amd64", "failed")])
def test_a_single_image(world: World, architecture: str, expected: str) -> None:
    with world.edited() as document:
        name_image(document, world.push_single("payments-staging", architecture))
        _, verdicts, answer = world.doctor()
    assert {verdicts.get(check) for check in COLOURS} == {expected}, answer["checks"]
