"""A second process, in which one part of the work is done while this one does the other."""

import io
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

Item = TypeVar("Item")

PATIENCE_S = 600.0  # for one item: the judgement of one stack


class SecondProcessError(Exception):
    """The second process ended or gave no answer, so the item is not there."""


@contextmanager
def ahead(items: Iterator[Item], shared: Sequence[Any]) -> Iterator[Callable[[], Item]]:
    """Yields what gives the next item, worked out by a second process; by this one where there can be none.

    `shared`: objects that items refer to; an item refers to the same ones here. The second process has
    ended afterwards. What gives an item raises SecondProcessError.
    """
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_work, args=(items, shared, there, here), daemon=True
    )
    if not _is_possible() or not _started(process):
        yield lambda: next(items)
        return
    there.close()

    def take() -> Item:
        late = threading.Event()

        def expire() -> None:
            late.set()
            process.kill()

        limit = threading.Timer(PATIENCE_S, expire)
        limit.daemon = True  # an interrupt may come before it is cancelled
        limit.start()
        try:
            item: Item = _Unpickler(here.recv_bytes(), shared).load()
        except (EOFError, OSError):
            process.join()
            how = f"no answer for {PATIENCE_S:.0f} s" if late.is_set() else _ended(process.exitcode or 0)
            raise SecondProcessError(f"their process failed: {how}") from None
        finally:
            limit.cancel()
            limit.join()
        return item

    try:
        yield take
    finally:
        here.close()
        process.kill()
        process.join()


def _ended(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _is_possible() -> bool:
    """A fork copies the locks that other threads hold, and not the threads."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def _started(process: BaseProcess) -> bool:
    """Not where the system refuses another process: for want of memory, or beyond a container's limit."""
    try:
        process.start()
    except OSError:
        return False
    return True


def _work(items: Iterator[Any], shared: Sequence[Any], there: Connection, here: Connection) -> None:
    """What the second process does."""
    here.close()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, args=(there,), daemon=True).start()
    places = {id(one): place for place, one in enumerate(shared)}
    for item in items:
        buffer = io.BytesIO()
        _Pickler(buffer, places).dump(item)
        there.send_bytes(buffer.getbuffer())


def _end_with_parent(there: Connection) -> None:
    """The parent sends nothing. However it ends, its end of the connection is closed then."""
    try:
        there.recv_bytes()
    finally:
        os._exit(1)


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO, places: dict[int, int]) -> None:
        super().__init__(buffer, pickle.HIGHEST_PROTOCOL)
        self._places = places

    def persistent_id(self, one: Any) -> int | None:
        return self._places.get(id(one))


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, shared: Sequence[Any]) -> None:
        super().__init__(io.BytesIO(data))
        self._shared = shared

    def persistent_load(self, place: int) -> Any:
        return self._shared[place]
