"""Runs Terraform as its parent: one interrupt when the caller lets go, and no process left at the end.

    python -I supervisor.py GRACE_SECONDS COMMAND...

Standard input is the caller's hold on the command. When it closes, because the caller closes it or because
the caller died, the command gets SIGINT once: Terraform then cancels the calls in progress and saves its
state. A command that has not ended GRACE_SECONDS later is killed. At the end the rest of its process group
is killed: a provider outlives a Terraform that was killed, with some 600 MB.

Output is passed on; what no caller reads any more is dropped, because Terraform dies of a broken pipe
before it saves its state. Exit code: the command's, or 128 + the signal that ended it.

It imports nothing of this project, so that it starts in milliseconds.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time

CHUNK = 65536
LOOK_SECONDS = 0.5  # a command's descendant may hold its output open after the command has ended
KILL_SECONDS = 5.0


def main() -> None:
    """Supervise the command of the command line."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Not SIG_IGN, which the command would inherit.
        signal.signal(number, lambda *_: None)
    child = subprocess.Popen(
        sys.argv[2:],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    )
    _relay(child, float(sys.argv[1]))
    code = child.wait()
    _end_group(child.pid)
    sys.stdout.flush()
    os._exit(code if code >= 0 else 128 - code)


def _relay(child: subprocess.Popen[bytes], grace: float) -> None:
    """Pass its output on until it ends; interrupt it when standard input closes."""
    deadline = None
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ, None)
        for source, target in ((child.stdout, sys.stdout.fileno()), (child.stderr, sys.stderr.fileno())):
            assert source is not None  # noqa: S101 - both are pipes
            selector.register(source.fileno(), selectors.EVENT_READ, target)
        while _open_outputs(selector):
            ready = selector.select(LOOK_SECONDS)
            for key, _ in ready:
                chunk = os.read(key.fd, CHUNK)
                if not chunk:
                    selector.unregister(key.fd)
                if key.data is None and not chunk:
                    child.send_signal(signal.SIGINT)
                    deadline = time.monotonic() + grace
                elif key.data is not None:
                    _pass_on(chunk, key.data)
            if deadline is not None and time.monotonic() > deadline:
                _kill(child.pid)
            if not ready and child.poll() is not None:
                return


def _open_outputs(selector: selectors.BaseSelector) -> bool:
    return any(key.data is not None for key in selector.get_map().values())


def _pass_on(chunk: bytes, target: int) -> None:
    with contextlib.suppress(OSError):  # the caller is gone
        while chunk:
            chunk = chunk[os.write(target, chunk) :]


def _end_group(group: int) -> None:
    """Kill what is left of the command's process group, and wait until nothing is."""
    deadline = time.monotonic() + KILL_SECONDS
    while _kill(group) and time.monotonic() < deadline:
        time.sleep(0.01)


def _kill(group: int) -> bool:
    """Whether there was a process left. No other group can have this number while there is."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS: not permitted where all have ended
        return False
    return True


if __name__ == "__main__":
    main()
