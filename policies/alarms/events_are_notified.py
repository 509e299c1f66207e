"""What AWS tells by an event, and by no metric, has a rule."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.alarms._events import OF, OF_ALL, RULE, TARGET, Rule


class EventsAreNotified(StackPolicy):
    policy = "CKV2_BG_459"
    title = "A rule notifies of each event that operators have to act on"
    requirement = "R05"
    pci = "10.7.2"
    severity = "MEDIUM"
    yields = True
    why = "It happens, no metric shows it, and the first to notice is a client, or an auditor"
    fix = (
        "add an aws_cloudwatch_event_rule for the event, with a target: the topic, or the function that acts"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        rules = [Rule(rule) for rule in stack.resources(RULE) if any(stack.users(rule, "rule", TARGET))]
        if not any(rule.sources for rule in rules):
            return  # it is notified otherwise, or in another stack
        for type_, events in OF.items():
            for block in stack.resources(type_):
                for event in events:
                    if not any(rule.tells(event, block) for rule in rules):
                        yield block, f"has no rule for {event.what} ({event})"
        for event in OF_ALL:
            if not any(rule.tells(event, None) for rule in rules):
                yield None, f"has no rule for {event.what} ({event})"


check = EventsAreNotified()
