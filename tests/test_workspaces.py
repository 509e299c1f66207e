"""What all workers share is made once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.workspaces import made_once


def test_the_first_makes_it_and_the_others_wait(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(directory: Path) -> None:
        assert not (tmp_path / "shared").exists()  # nobody sees it half made
        made.append(directory)
        (directory / "file").write_text("content")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: made_once(tmp_path / "shared", make), range(8)))

    assert set(found) == {tmp_path / "shared"}
    assert len(made) == 1
    assert (tmp_path / "shared" / "file").read_text() == "content"


def test_after_a_failure_the_next_one_starts_anew(tmp_path: Path) -> None:
    def fail(directory: Path) -> None:
        (directory / "half").touch()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        made_once(tmp_path / "shared", fail)

    directory = made_once(tmp_path / "shared", lambda place: (place / "whole").touch())

    assert [file.name for file in directory.iterdir()] == ["whole"]
