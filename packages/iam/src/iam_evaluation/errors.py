"""What this package raises, in the form: what failed and where, cause, fix."""


class PolicyError(ValueError):
    """A policy document that AWS would refuse or that means nothing.

    policy: its name; where: the place in the document, such as `Statement[2].Condition.StringEquals`
    """

    def __init__(self, policy: str, where: str, cause: str, fix: str) -> None:
        super().__init__(f"policy {policy!r} is invalid, at {where}\n  cause: {cause}\n  fix: {fix}")
        self.policy = policy
        self.where = where
        self.cause = cause
        self.fix = fix


class UnknownActionError(LookupError):
    """No such action or service in the Service Authorization Reference."""

    def __init__(self, name: str, similar: tuple[str, ...]) -> None:
        hint = f"write {' or '.join(similar)}" if similar else "write SERVICE:Action, such as s3:GetObject"
        cause = "the Service Authorization Reference has no such action"
        super().__init__(f"{name!r} is unknown\n  cause: {cause}\n  fix: {hint}")
        self.name = name
        self.similar = similar
