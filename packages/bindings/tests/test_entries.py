"""Directories that are written once, whole or not at all."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from trimmed_bindings import BindingsError, entries

from packages.bindings.tests.checkouts import REPOSITORY

# Says when it is in the middle of writing, and goes on when told to.
WRITER = """
import sys
from pathlib import Path
from trimmed_bindings import entries

def write(draft):
    (draft / "half").write_text("1")
    print("writing", flush=True)
    sys.stdin.readline()
    (draft / "whole").write_text("2")

entries.ensure(Path(sys.argv[1]), write)
"""


@contextmanager
def writer(entry: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of writing `entry`."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(entry)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "writing\n"
            yield process
        finally:
            process.kill()


def write(draft: Path) -> None:
    (draft / "folder").mkdir()
    (draft / "folder" / "file").write_text("content")


def refuse(_: Path) -> None:
    raise AssertionError("written a second time")


def test_an_entry_is_written_once(tmp_path: Path) -> None:
    entry = tmp_path / "cache" / "entry"
    entries.ensure(entry, write)
    entries.ensure(entry, refuse)
    assert (entry / "folder" / "file").read_text() == "content"
    assert list(entry.parent.iterdir()) == [entry]


@pytest.mark.integration
def test_two_processes_may_write_the_same_entry_at_once(tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    with writer(entry) as first, writer(entry) as second:
        assert not entry.exists()
        for process in (first, second):
            process.communicate("\n", timeout=30)
            assert process.returncode == 0
    entries.ensure(entry, refuse)
    assert list(tmp_path.iterdir()) == [entry]


@pytest.mark.integration
def test_what_a_killed_process_left_is_not_used(tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    with writer(entry) as process:
        process.kill()
        process.wait(timeout=30)
    (left,) = tmp_path.iterdir()
    assert (left / "half").exists()
    entries.ensure(entry, write)
    assert (entry / "folder" / "file").exists()
    assert left.exists(), "a draft of now may be another process's"

    os.utime(left, (0, 0))
    entries.ensure(tmp_path / "next", write)
    assert not left.exists()


def test_a_failed_writing_leaves_nothing(tmp_path: Path) -> None:
    def fail(draft: Path) -> None:
        write(draft)
        raise BindingsError("half way")

    with pytest.raises(BindingsError, match="half way"):
        entries.ensure(tmp_path / "entry", fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["folder/file", "manifest.json"])
@pytest.mark.parametrize("content", [b"", b"other", b"[]", None])
def test_a_damaged_entry_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    entry = tmp_path / "entry"
    entries.ensure(entry, write)
    if content is None:
        (entry / name).unlink()
    else:
        (entry / name).write_bytes(content)
    with pytest.raises(BindingsError, match=r"entry is damaged .*; remove it and it is written anew"):
        entries.ensure(entry, refuse)


def test_only_the_entries_last_used_are_kept(tmp_path: Path) -> None:
    now = time.time()
    for age in range(entries.KEPT_ENTRIES):
        entries.ensure(tmp_path / f"entry-{age}", write)
        os.utime(tmp_path / f"entry-{age}", (now - 60 * (age + 1),) * 2)
    oldest = tmp_path / f"entry-{entries.KEPT_ENTRIES - 1}"
    entries.ensure(oldest, refuse)  # used again, so no longer the one that goes
    entries.ensure(tmp_path / "new", write)
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"new", oldest.name, *(f"entry-{age}" for age in range(entries.KEPT_ENTRIES - 2))}


def test_the_name_follows_from_the_inputs_alone() -> None:
    name = entries.entry_name(1, "20.1.0", ("subnet", "vpc"))
    assert name == entries.entry_name(1, "20.1.0", ["subnet", "vpc"])
    others = [(2, "20.1.0", ("subnet", "vpc")), (1, "20.1.1", ("subnet", "vpc")), (1, "20.1.0", ("vpc",))]
    assert len({name, *(entries.entry_name(*inputs) for inputs in others)}) == 4
