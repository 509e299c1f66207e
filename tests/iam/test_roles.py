"""What the stack's roles may do, where AWS asks for more than the resource at hand."""

from tests.iam.stack_decisions import role_may
from tests.stack_reader import Stack


def test_the_switch_reads_composite_alarms(stack: Stack) -> None:
    """Composite alarms are returned only for a permission "that is scoped to *".

    Source: CloudWatch API reference, DescribeAlarms.
    """
    decision = role_may(stack, stack.at("switching/switch/role"), "cloudwatch:DescribeAlarms", "*")
    assert decision.allowed, decision.explain()
