"""What keeps a stack from being drawn."""


class DiagramError(Exception):
    """There is no picture of it. The message says what and where; `fix` what to do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix
