"""All that the function changes outside the control table: weights, records, services, notifications,
executions.

Apart from what reads: the function for reading has no such permission, and none of this code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from ..contract.values import Colour, Weights
from .aws import Caller, Refused
from .invocation import Invocation
from .listener import Listener, declared_action, with_weights
from .load_balancer import LoadBalancer
from .records import LedgerRecord, Migration
from .services import Revision, cluster_of
from .settings import Settings

SUBJECT_LIMIT = 100  # API reference of SNS, Publish: ASCII, no line break


class Effects:
    """Of one invocation."""

    def __init__(self, settings: Settings, caller: Caller) -> None:
        self._settings = settings
        self._calling = caller.calling
        self._client = caller.client
        self._load_balancer = LoadBalancer(settings, caller)

    @classmethod
    def of(cls, invocation: Invocation) -> Effects:
        return cls(invocation.settings, invocation.caller)

    def write_weights(self, listener: Listener, weights: Weights, *, sticky: bool) -> Listener:
        """Write the weights: into the live action where it has the declared shape, else with that shape.

        Returns the listener as AWS answers. `sticky`: see `declared_action`.
        """
        colours = self._load_balancer.colours
        if listener.action and listener.shaped:
            action = with_weights(listener.action, weights, colours)
        else:
            action = declared_action(weights, colours, sticky=sticky)
        with self._calling("ModifyListener", listener.arn):
            answer = self._client("elbv2").modify_listener(ListenerArn=listener.arn, DefaultActions=[action])
        return self._load_balancer.listener(listener.arn, answer["Listeners"])

    def record_migration(self, migration: Migration) -> None:
        self._put(self._settings.status_param_name, json.dumps(migration.to_json()))

    def record_active(self, colour: Colour) -> None:
        self._put(self._settings.ssm_param_name, colour.value)

    def record_ledger(self, record: LedgerRecord) -> None:
        self._put(self._settings.ledger_param_name, json.dumps(record.to_json()))

    def record_image(self, colour: Colour, image: str) -> None:
        self._put(self._settings.of(colour).image_param, image)

    def register(self, live: Revision, image: str) -> str:
        """A copy of the revision that differs in the application's image alone; its ARN."""
        ecs = self._client("ecs")
        shape = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
        with self._calling("RegisterTaskDefinition", live.arn):
            answer = ecs.register_task_definition(**live.running(image, list(shape.members)))
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def run(self, colour: Colour, revision: str) -> None:
        """Have the colour's service replace its tasks by those of the revision."""
        arn = self._settings.of(colour).service_arn
        with self._calling("UpdateService", arn):
            self._client("ecs").update_service(cluster=cluster_of(arn), service=arn, taskDefinition=revision)

    def notify(self, subject: str, document: Mapping[str, object]) -> None:
        """Notify the topic's subscribers."""
        with self._calling("Publish", self._settings.topic_arn):
            self._client("sns").publish(
                TopicArn=self._settings.topic_arn,
                Subject=subject[:SUBJECT_LIMIT],
                Message=json.dumps(document, indent=2),
            )

    def start_execution(self, name: str, document: Mapping[str, object]) -> None:
        """Start the state machine under a name that no other execution can have.

        So an execution of that name is this one: an earlier attempt started it, and its answer was lost.
        API reference of Step Functions, StartExecution.
        """
        arn = self._settings.state_machine_arn
        with (
            suppress(Refused),
            self._calling("StartExecution", arn, codes=["ExecutionAlreadyExists"]),
        ):
            self._client("stepfunctions").start_execution(
                stateMachineArn=arn, name=name, input=json.dumps(document)
            )

    def _put(self, name: str, value: str) -> None:
        # With its type, so that a deleted parameter is created again.
        with self._calling("PutParameter", name):
            self._client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
