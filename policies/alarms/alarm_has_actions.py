"""An alarm has an action that notifies."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_false, strings

from policies._policy import ResourcePolicy


class AlarmHasActions(ResourcePolicy):
    policy = "CKV_BG_205"
    title = "Each alarm notifies a topic of the stack, and its actions are on"
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    why = "It changes a colour in the console, and notifies no one on call"
    fix = "set alarm_actions to the ARN of the topic that pages; leave actions_enabled out, or true"
    types = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")

    def defects(self, resource: Block) -> Iterator[str]:
        actions = [action for action in strings(resource.get("alarm_actions")) if action]
        if not actions:
            yield "has no alarm_actions"
        elif not any(resource.stack.referred(action, "aws_sns_topic") for action in actions):
            yield f"notifies {', '.join(actions)}, and no topic of the stack"
        for action in actions:
            if resource.stack.referred(action, "aws_sns_topic") and action.endswith((".name}", ".owner}")):
                yield f"notifies {action}, which is no ARN"
        if is_false(resource.get("actions_enabled")):
            yield "has its actions disabled"


check = AlarmHasActions()
