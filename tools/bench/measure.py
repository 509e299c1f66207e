"""Time and memory of a command, all of its processes counted."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_INTERVAL_S = 0.01
_BYTES_PER_MB = 2**20


@dataclass(frozen=True)
class Measurement:
    """What one run of a command took, or the medians of several."""

    user_s: float
    """CPU seconds in user mode, of the process and of all descendants that were waited for (wait4(2))."""
    wall_s: float
    peak_rss_mb: float | None
    """The largest sum of the resident sets of all processes alive at one time, in MB of 2**20 bytes.

    Sampled every 10 ms from /proc, so a shorter peak may be missed; pages that processes share count once for
    each. None where there is no /proc (macOS): `ru_maxrss` is that of the largest process only, and synthesis
    is a Python and one or two Node processes.
    """


def environment(**variables: str) -> dict[str, str]:
    """That of a user: whatever keeps Python from compiling its modules once is left out."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | variables


def median(what: str, run: Callable[[], Measurement], *, runs: int, warm_up: bool = True) -> Measurement:
    """The medians of `runs` runs, after one that doesn't count, so that no cache is cold.

    Says on stderr what is being measured.
    """
    sys.stderr.write(f"bench: {what}, {runs} run{'s' if runs > 1 else ''}\n")
    if warm_up:
        run()
    measured = [run() for _ in range(runs)]
    peaks = [one.peak_rss_mb for one in measured if one.peak_rss_mb is not None]
    return Measurement(
        statistics.median(one.user_s for one in measured),
        statistics.median(one.wall_s for one in measured),
        statistics.median(peaks) if peaks else None,
    )


def measure(
    argv: Sequence[str], env: Mapping[str, str], *, cwd: Path | None = None, timeout_s: float = 300
) -> Measurement:
    """Runs a command to its end with exactly this environment; its stdout is dropped, its stderr shows.

    Raises CalledProcessError if it ends with another code than 0, TimeoutExpired (it is killed then) if it
    takes longer than `timeout_s`.
    """
    started = time.monotonic()
    peak = 0
    with subprocess.Popen(argv, env=env, cwd=cwd, stdout=subprocess.DEVNULL) as process:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            wall_s = time.monotonic() - started
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                break
            if wall_s > timeout_s:
                process.kill()
                raise subprocess.TimeoutExpired(argv, timeout_s)
            peak = max(peak, _resident_bytes(process.pid))
            time.sleep(_INTERVAL_S)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, argv)
    return Measurement(usage.ru_utime, wall_s, peak / _BYTES_PER_MB if peak else None)


def _resident_bytes(pid: int) -> int:
    """The resident sets of a process and its descendants; 0 for those that are gone, or without /proc."""
    try:
        pages = int((_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1])
        tasks = list((_PROC / str(pid) / "task").iterdir())
        children = [
            child for task in tasks for child in (task / "children").read_text(encoding="ascii").split()
        ]
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(_resident_bytes(int(child)) for child in children)
