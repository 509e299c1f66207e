"""The name and ARN of the state machine that shifts traffic, where a reference would be a cycle."""

from modules.config import Deployment


def shift_name(deployment: Deployment) -> str:
    """Of the state machine, its role and its log."""
    return f"{deployment.prefix}-shift"


def shift_state_machine_arn(deployment: Deployment) -> str:
    """Known before the state machine exists."""
    where = f"{deployment.region}:{deployment.account_id}"
    return f"arn:aws:states:{where}:stateMachine:{shift_name(deployment)}"
