"""Runs Checkov as nobody has configured it: a scan depends on what is scanned, and on nothing else."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

# Checkov reads some seventy variables (CKV_…, CHECKOV_…, BC_…, LOG_LEVEL, …), each release others; several
# switch off what a scan relies on. It gets only those that the interpreter itself needs.
KEPT = frozenset({"HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR"})
# aiohttp, which Checkov imports, reads the system's certificates when it is imported: a twelfth of the time
# that importing Checkov takes, and a scan makes no connection. With an empty file it would trust no server.
NO_CERTIFICATES = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


@contextmanager
def isolated() -> Iterator[None]:
    """No environment, no log output: what Checkov only logs, this gate finds out by itself."""
    environment, threshold = dict(os.environ), logging.root.manager.disable
    for name in environment.keys() - KEPT:
        del os.environ[name]
    os.environ.update(NO_CERTIFICATES)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(threshold)
        os.environ.clear()
        os.environ.update(environment)
