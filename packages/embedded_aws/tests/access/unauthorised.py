"""The embedded AWS with its gate, and without authorisation: what it costs.

python -m packages.embedded_aws.tests.access.unauthorised STATE_DIR READY_FD
"""

from typing import Any

from embedded_aws import server
from embedded_aws.authorisation.authority import Authority


class EverythingAllowed(Authority):
    """In the place of `Authority`."""

    def admit(self, *_: Any) -> None:
        """Whatever is asked."""


if __name__ == "__main__":
    vars(server).update(Authority=EverythingAllowed)
    server.main()
