"""What holds for every test, of the project and of packages/: tiers, and no limits of time."""

import os
import signal
import sys

import hypothesis

pytest_plugins = ["tests.tiers", "tests.lifetimes", "tests.browser"]

# Where this is set, each of the thousands of processes that tests start would compile the project anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes is the machine's affair: no test asserts a time. Continuous integration draws the
# same examples in each run, so that a change fails on what it changed; everywhere else they differ.
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
hypothesis.settings.load_profile("untimed")

# A shell script that runs the tests in the background has them ignore SIGINT, and so would what they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
