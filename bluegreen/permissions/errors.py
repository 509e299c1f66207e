"""Why the permissions of a stack can't be derived."""


class PermissionsError(Exception):
    """The stack lacks what limits its roles. The message says what, why, and what to do."""

    def __init__(self, message: str, cause: str, fix: str) -> None:
        super().__init__(f"{message}\n  cause: {cause}\n  fix: {fix}")
