"""The state machine's resources: least privileges, everything encrypted, and a net beneath it."""

import json

from moto.events.models import EventPattern, EventPatternParser

from tests.stack_reader import Stack


def machine_arn(stack: Stack) -> str:
    deployment = stack.at("workflow/state-machine")["name"].removesuffix("-shift")
    return f"arn:aws:states:us-east-1:123456789012:stateMachine:{deployment}-shift"


def test_the_state_machine_is_encrypted_logged_and_traced(stack: Stack) -> None:
    machine = stack.one("aws_sfn_state_machine")
    logging = machine["logging_configuration"]
    group = stack.named(logging["log_destination"].removesuffix(":*"))

    assert machine["type"] == "STANDARD"
    assert stack.named(machine["encryption_configuration"]["kms_key_id"]) == stack.one("aws_kms_key")
    assert machine["encryption_configuration"]["type"] == "CUSTOMER_MANAGED_KMS_KEY"
    assert (logging["level"], logging["include_execution_data"]) == ("ALL", True)
    assert group["name"].startswith("/aws/vendedlogs/states/")
    assert stack.named(group["kms_key_id"]) == stack.one("aws_kms_key")
    assert machine["tracing_configuration"] == {"enabled": True}
    assert stack.named(stack.output("shift_state_machine_arn")) == machine


def test_it_calls_its_alias_of_the_switch_function_and_the_mover_and_nothing_else(stack: Stack) -> None:
    definition = json.loads(stack.one("aws_sfn_state_machine")["definition"])
    statements = {s["Sid"]: s for s in stack.at("workflow/run").policy()}
    functions = {
        state["Parameters"]["FunctionName"]
        for state in definition["States"].values()
        if state["Type"] == "Task"
    }

    assert {stack.named(arn).path for arn in functions} == {
        *("switching/switch/workflow", "ledger/move/function")
    }
    assert set(statements) == {"Switch", "MoveLedger", "Executions", "ExecutionLogs", "WithoutResource"}
    assert statements["Switch"]["Action"] == ["lambda:InvokeFunction"]
    assert {stack.named(arn).path for arn in statements["Switch"]["Resource"]} == {
        "switching/switch/workflow"
    }
    assert statements["MoveLedger"]["Action"] == ["lambda:InvokeFunction"]
    assert [stack.named(arn).path for arn in statements["MoveLedger"]["Resource"]] == ["ledger/move/function"]
    actions = {action.split(":")[0] for s in statements.values() for action in s["Action"]}
    assert actions == {"kms", "lambda", "logs", "xray"}
    assert not any("*" in action for s in statements.values() for action in s["Action"])


def test_the_key_serves_this_state_machine_only(stack: Stack) -> None:
    statements = {s["Sid"]: s for s in stack.at("workflow/run").policy()}
    context = statements["Executions"]["Condition"]["StringEquals"]

    assert context == {"kms:EncryptionContext:aws:states:stateMachineArn": machine_arn(stack)}
    key = {s["Sid"]: s for s in stack.one("aws_kms_key").policy()}["Executions"]
    allowed = key["Condition"]["ArnLike"]["kms:EncryptionContext:aws:states:stateMachineArn"]
    assert machine_arn(stack).startswith(allowed.removesuffix("*"))


def test_only_step_functions_of_this_account_assumes_the_role(stack: Stack) -> None:
    (trust,) = stack.at("workflow/role").policy("assume_role_policy")

    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def caught(stack: Stack, **detail: object) -> bool:
    """The event as an encrypted state machine's is: without error and cause."""
    raw = stack.at("workflow/interrupted")["event_pattern"]
    (arn,) = json.loads(raw)["detail"]["stateMachineArn"]
    name = stack.one("aws_sfn_state_machine")["name"]
    account = stack.document["provider"]["aws"][0]["allowed_account_ids"][0]
    region = stack.document["provider"]["aws"][0]["region"]
    assert arn == f"arn:aws:states:{region}:{account}:stateMachine:{name}"
    event = {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {"stateMachineArn": arn, "name": "shift-1", **detail},
    }
    return bool(EventPattern(raw, EventPatternParser(raw).parse()).matches_event(event))  # type: ignore[arg-type]


def test_every_shift_that_does_not_succeed_is_caught(stack: Stack) -> None:
    for status in ("ABORTED", "FAILED", "TIMED_OUT"):
        assert caught(stack, status=status)
    for status in ("RUNNING", "SUCCEEDED"):
        assert not caught(stack, status=status)
    assert not caught(stack, status="ABORTED", stateMachineArn="another")


def test_what_is_caught_reaches_the_function_or_its_dead_letters(stack: Stack) -> None:
    target, permission = stack.at("workflow/roll-back"), stack.at("workflow/permission")
    rule, queue = stack.at("workflow/interrupted"), stack.at("switching/switch/dead-letters")

    assert stack.named(target["rule"]) == rule
    assert stack.named(target["arn"]) == stack.named(permission["qualifier"])
    assert stack.named(target["arn"]).path == "switching/switch/interrupted"
    assert target["input_transformer"]["input_paths"] == {
        "status": "$.detail.status",
        "workflow": "$.detail.name",
    }
    filled = (
        target["input_transformer"]["input_template"].replace("<workflow>", '"w"').replace("<status>", '"s"')
    )
    assert json.loads(filled) == {"action": "rollback", "workflow": "w", "cause": "s"}
    assert permission["principal"] == "events.amazonaws.com"
    assert stack.named(permission["source_arn"]) == rule
    assert stack.named(target["dead_letter_config"]["arn"]) == queue
    send = {s["Sid"]: s for s in stack.at("workflow/dead-letters").policy()}[
        "EventsThatDidNotReachTheFunction"
    ]
    assert send["Principal"] == {"Service": "events.amazonaws.com"}
    assert stack.named(send["Condition"]["ArnEquals"]["aws:SourceArn"]) == rule
