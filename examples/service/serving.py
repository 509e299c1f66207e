"""The HTTPS server: how long it keeps connections, and its certificate.

TLS has a key of this task's own: the load balancer verifies no certificate of a target.
Source: Elastic Load Balancing user guide, "Target groups for your Application Load Balancers".
"""

import ssl
import subprocess
import tempfile
from pathlib import Path

from aiohttp import web

BACKLOG = 512
# Longer than the load balancer keeps its own: who closes first must be the one that sends.
IDLE_SECONDS = 75.0

OPENSSL = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
    *("-nodes", "-days", "825", "-subj", "/CN=service"),
)


def server_tls() -> ssl.SSLContext:
    """A new key and certificate. Their files are gone when this returns."""
    with tempfile.TemporaryDirectory() as directory:
        key, certificate = Path(directory, "key.pem"), Path(directory, "certificate.pem")
        command = [*OPENSSL, "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate, key)
    return context


def runner(application: web.Application, stop_seconds: float) -> web.AppRunner:
    """`cleanup` of it stops accepting, closes idle connections, and finishes the requests in flight, for
    `stop_seconds` at most.
    """
    return web.AppRunner(
        application, access_log=None, keepalive_timeout=IDLE_SECONDS, shutdown_timeout=stop_seconds
    )
