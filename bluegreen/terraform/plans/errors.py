"""Why a plan can't be kept, or isn't the one that was approved."""


class PlanBundleError(Exception):
    """Nothing was applied. The message says what, where and why; `fix` what to do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message}\n  fix: {fix}")
