"""Why the place of the state can't be made ready."""


class BootstrapError(Exception):
    """AWS did not do what was asked. The message says what, where, why, and what to do.

    `begun`: something had been changed before; the same command continues from there.
    """

    def __init__(self, message: str, fix: str, *, begun: bool = False) -> None:
        self.begun = begun
        again = "; then run it again: it continues from there" if begun else ""
        super().__init__(f"{message}\n  fix: {fix}{again}")


class BackendRefusedError(BootstrapError):
    """Bucket or key are not this account's to change, or not where they should be; nothing was touched."""
