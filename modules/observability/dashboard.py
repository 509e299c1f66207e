"""One dashboard: where the traffic goes, which alarms ring, then blue beside green."""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from cdktf_cdktf_provider_aws.lb import Lb
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup
from cdktf_cdktf_provider_aws.sfn_state_machine import SfnStateMachine
from constructs import Construct

from modules.functions.function import Function
from modules.observability.alarm import Alarm
from modules.observability.alarm_set import AlarmSet
from modules.observability.service_alarms import requests
from modules.observability.switch_metrics import durations, pauses, refusals, weights
from modules.observability.widgets import (
    Row,
    alarm_graph,
    alarm_states,
    body,
    comparison,
    counts,
    held,
    log_table,
    text,
)
from modules.observability.workflow_alarms import endings

GRAPHS_A_COLOUR = 2
# What the switch function logs (lambda_src/switch/handler.py, outcome.py): the weights that it set or read,
# and the shifts that it carried out.
WEIGHTS = (
    "filter message = 'done' | fields @timestamp, coalesce(answer.after.blue, answer.weights.blue) as blue, "
    "coalesce(answer.after.green, answer.weights.green) as green | sort @timestamp desc | limit 1"
)
SHIFTS = (
    "filter message = 'done' and ispresent(answer.after.blue) | "
    "fields @timestamp, action, target, answer.before.blue, answer.before.green, "
    "answer.after.blue, answer.after.green, reason | sort @timestamp desc | limit 20"
)

MOVES = (
    "filter message = 'done' and action = 'ledger' | fields @timestamp, answer.outcome, answer.ledger.from, "
    "answer.ledger.to, answer.ledger.epoch, answer.ledger.pause_ms | sort @timestamp desc | limit 20"
)


def dashboard(
    scope: Construct,
    id_: str,
    *,
    name: str,
    region: str,
    colours: Mapping[str, AlarmSet],
    shared: AlarmSet,
    load_balancer: Lb,
    targets: Mapping[str, LbTargetGroup],
    switch: Function,
    state_machine: SfnStateMachine,
    has_ledger: bool,
) -> CloudwatchDashboard:
    """The dashboard called `name`. What an alarm measures is drawn with its threshold.

    On top stand the weights as the switch function sends them, whenever it acts, what they do, the requests
    of each colour, and the weights that it set or read last.
    """
    rows = [
        _traffic(region, load_balancer, targets, switch),
        _states(colours, shared),
        *_beside_each_other("Service", colours, region),
        *_beside_each_other("Database", colours, region),
        *_section("Entrance", shared, region),
        *_section("Sessions", shared, region),
        *_shifts(region, switch, state_machine),
        *(_moves(region, list(targets), switch) if has_ledger else []),
    ]
    return CloudwatchDashboard(scope, id_, dashboard_name=name, dashboard_body=body(rows))


def _traffic(region: str, balancer: Lb, targets: Mapping[str, LbTargetGroup], switch: Function) -> Row:
    by_colour = {colour: requests(balancer, group) for colour, group in targets.items()}
    return Row(
        6,
        [
            held("Weights", weights(switch, list(targets)), region=region, view="timeSeries", stacked=True),
            comparison("Share of requests, last minute", by_colour, region=region, view="pie"),
            comparison("Requests a minute", by_colour, region=region, view="timeSeries", stacked=True),
            log_table("Weights, last set or read", log_group=switch.logs.name, query=WEIGHTS, region=region),
        ],
    )


def _shifts(region: str, switch: Function, state_machine: SfnStateMachine) -> list[Row]:
    graphs = [
        counts("Shifts by how they ended", endings(state_machine), region=region),
        counts("Refusals by gate", refusals(switch), region=region),
        counts("Longest duration by action, ms", durations(switch), region=region),
    ]
    return [
        Row(1, [text("## Shifts")]),
        Row(5, graphs),
        Row(7, [log_table("Last shifts", log_group=switch.logs.name, query=SHIFTS, region=region)]),
    ]


def _moves(region: str, colours: Sequence[str], switch: Function) -> list[Row]:
    """Of the ledger. Replication stands among the databases of its colour."""
    graph = counts("Longest pause by where the ledger moved, ms", pauses(switch, colours), region=region)
    table = log_table("Last moves", log_group=switch.logs.name, query=MOVES, region=region)
    return [Row(1, [text("## Ledger")]), Row(5, [graph, table])]


def _states(colours: Mapping[str, AlarmSet], shared: AlarmSet) -> Row:
    of_colours = [alarm_states(f"Alarms: {colour}", alarms.arns) for colour, alarms in colours.items()]
    return Row(6, [*of_colours, alarm_states("Alarms: shared", shared.arns)])


def _beside_each_other(section: str, colours: Mapping[str, AlarmSet], region: str) -> list[Row]:
    """The left half is the first colour's, the right half the other's; the same alarm at the same place."""
    rows = [Row(1, [text(f"## {section}: {colour}") for colour in colours])]
    by_colour = {colour: _drawn(section, alarms) for colour, alarms in colours.items()}
    count = max(map(len, by_colour.values()))
    for start in range(0, count, GRAPHS_A_COLOUR):
        graphs = [
            alarm_graph(_title(alarm), alarm, colour=colour, region=region)
            for colour, alarms in by_colour.items()
            for alarm in alarms[start : start + GRAPHS_A_COLOUR]
        ]
        rows.append(Row(5, graphs))
    return rows


def _section(section: str, alarms: AlarmSet, region: str) -> list[Row]:
    graphs = [alarm_graph(_title(alarm), alarm, region=region) for alarm in _drawn(section, alarms)]
    return [Row(1, [text(f"## {section}")]), Row(5, graphs)]


def _drawn(section: str, alarms: AlarmSet) -> Sequence[Alarm]:
    return [alarm for alarm, _ in alarms.alarms if alarm.section == section]


def _title(alarm: Alarm) -> str:
    return alarm.name.replace("-", " ").capitalize()
