"""Runs Checkov as nobody has configured it: a scan depends on what is scanned, and on nothing else."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

# Checkov reads some seventy variables (CKV_…, CHECKOV_…, BC_…, LOG_LEVEL, …), each release others; several
# switch off what a scan relies on. It gets only those that the interpreter itself needs.
KEPT = frozenset({"HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR"})


@contextmanager
def isolated() -> Iterator[None]:
    """No environment, no log output: what Checkov only logs, this gate finds out by itself."""
    environment, threshold = dict(os.environ), logging.root.manager.disable
    for name in environment.keys() - KEPT:
        del os.environ[name]
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(threshold)
        os.environ.clear()
        os.environ.update(environment)
