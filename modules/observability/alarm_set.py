"""The alarms of one owner, a colour or the shared rest: named, tagged and with actions alike."""

from collections.abc import Iterable, Sequence

from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from constructs import Construct

from modules.observability.alarm import Alarm, metric_alarm


class AlarmSet(Construct):
    """`alarms` holds (what was asked for, its resource), in order. Every one tells all `actions` (ARNs)."""

    def __init__(
        self, scope: Construct, id_: str, *, prefix: str, actions: Sequence[str], colour: str | None = None
    ) -> None:
        super().__init__(scope, id_)
        self._prefix, self._actions = prefix, list(actions)
        self._tags = {"Colour": colour} if colour else {}
        self.alarms: list[tuple[Alarm, CloudwatchMetricAlarm]] = []
        self._watched: list[CloudwatchMetricAlarm] = []

    @property
    def arns(self) -> list[str]:
        """ARNs of all alarms (tokens)."""
        return [resource.arn for _, resource in self.alarms]

    def add(self, alarms: Iterable[Alarm], *, shared: bool = False) -> None:
        """Makes resources of the alarms, called `<prefix>-<name>`. `shared`: both colours have them."""
        tags = {} if shared else self._tags
        for alarm in alarms:
            name = f"{self._prefix}-{alarm.name}"
            resource = metric_alarm(self, alarm, name=name, actions=self._actions, tags=tags)
            self.alarms.append((alarm, resource))

    def watch(self, alarms: Iterable[CloudwatchMetricAlarm]) -> None:
        """Has `any_rings` ring with alarms of another owner, too."""
        self._watched.extend(alarms)

    def any_rings(self, id_: str, *, description: str) -> CloudwatchCompositeAlarm:
        """An alarm called `<prefix>` that rings while any of those added so far does."""
        return CloudwatchCompositeAlarm(
            self,
            id_,
            alarm_name=self._prefix,
            alarm_description=description,
            alarm_rule=" OR ".join(
                f'ALARM("{resource.alarm_name}")'
                for resource in (*(resource for _, resource in self.alarms), *self._watched)
            ),
            actions_enabled=True,
            alarm_actions=self._actions,
            ok_actions=self._actions,
            tags={"Name": self._prefix, **self._tags},
        )
