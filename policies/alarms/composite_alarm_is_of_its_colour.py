"""The composite alarm of a colour rings when any alarm of the colour rings, and for nothing else."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block

from policies._anchored import Anchored
from policies._policy import ResourcePolicy

COMPOSITE = "aws_cloudwatch_composite_alarm"
CHILDREN = ("aws_cloudwatch_metric_alarm", COMPOSITE)
# Known good: ALARM("a") OR ALARM(b) OR … Source: CloudWatch API reference, PutCompositeAlarm, AlarmRule.
_TERM = re.compile(r"[\s(]*+ALARM\s*+\(\s*+(\"[^\"]{1,2000}\"|[^\s()]{1,2000})\s*+\)[\s)]*+")
LONGEST = 10_240  # characters, as CloudWatch has it


class CompositeAlarmIsOfItsColour(ResourcePolicy):
    policy = "CKV_BG_402"
    title = "Each composite alarm is one alarm or another of the stack, all of one colour"
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    why = "The switch asks it before it moves traffic: a rule that is false lets a failing colour pass"
    fix = 'set alarm_rule to ALARM("…") OR ALARM("…") with the alarms of the colour'
    types = (COMPOSITE,)

    def defects(self, resource: Block) -> Iterator[str]:
        rule = str(resource.get("alarm_rule") or "")
        terms = re.split(r"\bOR\b", rule) if len(rule) <= 20 * LONGEST else []
        found = [_TERM.fullmatch(term) for term in terms]
        if not found or not all(found) or rule.count("(") != rule.count(")"):
            yield "has a rule that is not ALARM(…) OR ALARM(…)"
            return
        colours = resource.stack.derived(Anchored)
        own = colours.of(resource)
        told = resource.stack.referred(rule, *CHILDREN)
        for alarm in resource.stack.resources(CHILDREN[0]) if len(own) == 1 else ():
            if colours.told_by_tags(alarm) == own and alarm not in told:
                yield f"leaves {alarm.address} out"
        for match in filter(None, found):
            children = resource.stack.referred(match[1].strip('"'), *CHILDREN)
            if not children and "${" not in match[1]:  # Terraform itself refuses a reference to nothing
                yield f"names {match[1]}, which is no alarm of the stack"
            elif children and own and (other := colours.of(children[0]) - own):
                yield f"is about {min(other)}, too: {children[0].address}"


check = CompositeAlarmIsOfItsColour()
