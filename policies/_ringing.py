"""Whether an alarm can ring: what its metrics can reach, how long it looks, and what missing data means.

Sources: Aurora user guide, "Maximum connections to an Aurora MySQL DB instance", "Hardware specifications for
DB instance classes", "Amazon CloudWatch metrics for Amazon Aurora"; Elastic Load Balancing user guide,
"CloudWatch metrics for your Application Load Balancer"; Lambda, DynamoDB, SQS, SNS, ECS, VPC, Step Functions,
EventBridge, AWS Backup, ACM and WAF guides, pages about CloudWatch metrics; CloudWatch user guide, "Using
Amazon CloudWatch alarms".
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from stack_gate.stack import LOAD_BALANCERS, Block, Body, lookup, number, objects

from policies._alarms import COMPARED, Alarms, Metric, metrics
from policies._metric_math import MathError, evaluate

MINUTE, HOUR, DAY = 60, 3_600, 86_400
_HIGH_RESOLUTION = (10, 20, 30)
_BELOW = ("LessThanThreshold", "LessThanOrEqualToThreshold")
_ABOVE = ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold")
_SUM, _LEVEL = ("Sum", "Maximum"), ("Average", "Maximum", "p", "tm", "wm", "tc")
_LOWEST = ("Average", "Minimum")
_MOST = 1e15
_FEW = 3  # metrics of an expression whose values are combined
_FILL = re.compile(r"(?i)\bFILL\(\s*(\w+)\s*,\s*([^()]{1,40}?)\s*\)")
_MIDDLE = 50  # a percentile below it says what the better half of requests is like


@dataclass(frozen=True)
class Measure:
    """What AWS publishes under a metric's name. `bad`: high or low values; `most`: of the metric itself."""

    unit: str
    bad: str = "high"
    most: float = _MOST
    statistics: tuple[str, ...] = _SUM
    seconds: int = HOUR  # within which its alarm has to ring
    needs_data: bool = False  # no data is no good news
    least: float = 0  # a threshold below it rings always
    sane: float = math.inf  # a threshold above it rings when it is too late; of low metrics, always


_COUNT = Measure("Count", most=100_000)
_FAULTS = replace(_COUNT, sane=100)  # of what runs a few times a day
_PERCENT = Measure("Percent", most=100, statistics=_LEVEL, least=1, sane=99)
_MILLISECONDS = Measure("Milliseconds", most=60_000, statistics=_LEVEL)
_HOSTS = Measure("Count", most=1_000, statistics=_LEVEL, needs_data=True)
_FREE = Measure("Bytes", "low", statistics=_LOWEST, least=16 * 2**20, sane=1.5 * 2**40)
_TASKS = Measure("Count", most=1_000, statistics=("Average", "Maximum", "Minimum"))
_OTHER = Measure("", most=_MOST, statistics=("Sum", *_LEVEL, *_LOWEST), seconds=DAY)
_NO_SIGN_OF_LIFE = ("HealthyHostCount", "RunningTaskCount")  # no data of them: there are none
_ERRORS, _ALL = ("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"), "RequestCount"
_SHARE = 0.25  # of the requests: when so many fail, the alarm has to ring

MEASURES: Mapping[str, Mapping[str, Measure]] = {
    "AWS/RDS": {
        "DatabaseConnections": Measure("Count", most=16_000, statistics=_LEVEL, least=5),
        "CPUUtilization": _PERCENT,
        "FreeableMemory": _FREE,
        "FreeLocalStorage": _FREE,
        "AuroraReplicaLag": replace(_MILLISECONDS, needs_data=True),
        "AuroraReplicaLagMaximum": replace(_MILLISECONDS, needs_data=True),
        "AuroraReplicaLagMinimum": replace(_MILLISECONDS, needs_data=True),
        # -1 while it does not replicate
        "AuroraBinlogReplicaLag": Measure(
            "Seconds", "either", DAY, (*_LEVEL, *_LOWEST), needs_data=True, sane=10 * MINUTE
        ),
        **dict.fromkeys(
            ("CommitLatency", "DDLLatency", "DMLLatency", "DeleteLatency", "InsertLatency", "SelectLatency",
             "UpdateLatency"), _MILLISECONDS,
        ),
        **dict.fromkeys(("ReadLatency", "WriteLatency"), Measure("Seconds", most=60, statistics=_LEVEL)),
        **dict.fromkeys(("Deadlocks", "BlockedTransactions", "LoginFailures"),
                        Measure("Count/Second", most=100_000, statistics=(*_SUM, *_LEVEL))),
        "BufferCacheHitRatio": Measure("Percent", "low", statistics=_LOWEST),
    },
    "AWS/ApplicationELB": {
        "TargetResponseTime": Measure("Seconds", most=60, statistics=_LEVEL, least=0.001, sane=10),
        "HealthyHostCount": Measure("Count", "low", statistics=_LOWEST, needs_data=True),
        "UnHealthyHostCount": replace(_HOSTS, sane=10),
        **dict.fromkeys(
            ("HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_4XX_Count",
             "HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_502_Count", "HTTPCode_ELB_503_Count",
             "HTTPCode_ELB_504_Count", "RejectedConnectionCount", "TargetConnectionErrorCount",
             "ClientTLSNegotiationErrorCount", "TargetTLSNegotiationErrorCount"),
            replace(_COUNT, sane=10_000),
        ),
        **dict.fromkeys(("RequestCount", "RequestCountPerTarget", "ActiveConnectionCount",
                         "NewConnectionCount"), replace(_COUNT, most=1e9)),
    },
    "AWS/DynamoDB": dict.fromkeys(
        ("ReadThrottleEvents", "WriteThrottleEvents", "ThrottledRequests", "SystemErrors", "UserErrors",
         "ConditionalCheckFailedRequests", "TransactionConflict"), replace(_COUNT, sane=10_000),
    ) | {"SuccessfulRequestLatency": _MILLISECONDS},
    "AWS/ECS": {"CPUUtilization": _PERCENT, "MemoryUtilization": _PERCENT},
    "ECS/ContainerInsights": dict.fromkeys(
        ("DesiredTaskCount", "RunningTaskCount", "PendingTaskCount"), _TASKS,
    ),
    "AWS/Lambda": dict.fromkeys(
        ("Errors", "Throttles", "DeadLetterErrors", "DestinationDeliveryFailures", "AsyncEventsDropped"),
        _FAULTS,
    ) | {
        "Duration": Measure("Milliseconds", most=900_000, statistics=_LEVEL),
        "ConcurrentExecutions": Measure("Count", most=100_000, statistics=_LEVEL),
        "Invocations": replace(_COUNT, most=1e9),
    },
    "AWS/NATGateway": dict.fromkeys(("ErrorPortAllocation", "PacketsDropCount"), _COUNT),
    "AWS/NetworkFirewall": dict.fromkeys(("DroppedPackets", "RejectedPackets"), replace(_COUNT, most=1e9)),
    "AWS/SNS": dict.fromkeys(
        ("NumberOfNotificationsFailed", "NumberOfNotificationsFailedToRedriveToDlq"), _FAULTS,
    ),
    "AWS/SQS": {
        "ApproximateNumberOfMessagesVisible": Measure("Count", most=100_000, statistics=(*_SUM, *_LEVEL),
                                                      sane=10_000),
        "ApproximateAgeOfOldestMessage": Measure("Seconds", most=14 * DAY, statistics=_LEVEL),
        "NumberOfMessagesSent": _COUNT,
    },
    "AWS/WAFV2": dict.fromkeys(
        ("AllowedRequests", "BlockedRequests", "CountedRequests"), replace(_COUNT, most=1e9),
    ),
    "AWS/Events": dict.fromkeys(
        ("TriggeredRules", "FailedInvocations", "InvocationsFailedToBeSentToDlq", "InvocationsSentToDlq",
         "ThrottledRules", "Invocations"), _FAULTS,
    ),
    "AWS/States": dict.fromkeys(
        ("ExecutionsFailed", "ExecutionsAborted", "ExecutionThrottled", "ExecutionsTimedOut"), _FAULTS,
    ),
    "AWS/Backup": dict.fromkeys(
        ("NumberOfBackupJobsFailed", "NumberOfBackupJobsExpired", "NumberOfBackupJobsAborted",
         "NumberOfCopyJobsFailed", "NumberOfRestoreJobsFailed"), replace(_FAULTS, seconds=DAY),
    ) | {"NumberOfBackupJobsCompleted": Measure("Count", "low", statistics=("Sum",), seconds=3 * DAY,
                                                needs_data=True)},
    "AWS/CertificateManager": {
        "DaysToExpiry": Measure("Count", "low", most=3_650, statistics=_LOWEST, seconds=2 * DAY, least=7),
    },
    # of the log filters of this platform's functions
    "BlueGreen/Secrets": {"AgeDays": replace(_OTHER, sane=100)},  # PCI DSS 4.0.1, 8.3.9: 90 days
    "BlueGreen/Ledger": {"SecondsSinceVerification": replace(_OTHER, sane=2 * DAY)},
}  # fmt: skip

# max_connections by default, by the size of a memory-optimised class; others are CKV_BG_129's to judge.
_CONNECTIONS = {
    "large": 1000, "xlarge": 2000, "2xlarge": 3000, "4xlarge": 4000, "8xlarge": 5000, "12xlarge": 6000,
    "16xlarge": 6000, "24xlarge": 7000, "32xlarge": 7000,
}  # fmt: skip


def exists(metric: Metric) -> bool:
    """Whether the gate knows that AWS publishes it; metrics of an application are the application's."""
    of_aws = metric.namespace.lower().startswith(("aws/", "ecs/", "cwagent"))
    return metric.name in MEASURES.get(metric.namespace, {}) if of_aws else bool(metric.namespace)


def silent(alarm: Block) -> Iterator[str]:
    """What keeps an alarm from ringing."""
    found = [(metric, _measure(metric)) for metric in metrics(alarm)]
    for metric, measure in found:
        yield from _of_metric(metric, measure, alarm)
    yield from _too_late(alarm, max((measure.seconds for _, measure in found), default=HOUR))
    if any(measure.needs_data and not _has_other(metric) for metric, measure in found) and not _is_breaching(
        alarm
    ):
        yield f"takes missing data for {alarm.get('treat_missing_data') or 'missing'}, not for breaching"
    if alarm.blocks("metric_query"):
        yield from _of_expression(alarm, found)
    elif found:
        yield from _of_threshold(alarm, *found[0])


def _is_breaching(alarm: Block) -> bool:
    return bool(alarm.get("treat_missing_data") == "breaching")


def _has_other(metric: Metric) -> bool:
    """Whether another alarm on the same data rings when there is none."""
    return any(
        _is_breaching(other.alarm)
        for other in metric.alarm.stack.derived(Alarms).on(metric.namespace, metric.name)
        if other.dimensions == metric.dimensions and other.alarm is not metric.alarm
    )


def _of_metric(metric: Metric, measure: Measure, alarm: Block) -> Iterator[str]:
    if metric.unit and measure.unit and metric.unit != measure.unit:
        yield f"asks for data in {metric.unit}, where {metric.name} is in {measure.unit}"
    statistic = str(metric.statistic or "")
    if measure is _TASKS or (measure.bad == "high" and alarm.blocks("metric_query")):
        allowed: tuple[str, ...] = (*measure.statistics, "Sum")
    else:
        allowed = measure.statistics
    if not _is_allowed(statistic, allowed):
        yield f"looks at the {statistic or 'unknown statistic'} of {metric.name}, which says nothing of it"
    if metric.is_alone and alarm.get("statistic") and alarm.get("extended_statistic"):
        yield "has two statistics, of which CloudWatch takes one"


def _is_allowed(statistic: str, allowed: tuple[str, ...]) -> bool:
    name = statistic.rstrip("0123456789.%():")
    if name in ("p", "tm", "wm", "tc"):
        percent = number(statistic[len(name) :])
        return name in allowed and percent is not None and percent >= _MIDDLE
    return statistic in allowed


def _too_late(alarm: Block, limit: int) -> Iterator[str]:
    yield from _odd(alarm)
    periods, points = number(alarm.get("evaluation_periods")), number(alarm.get("datapoints_to_alarm"))
    inner = [
        entry for query in alarm.blocks("metric_query") for entry in (query, *objects(query.get("metric")))
    ]
    lengths = [number(entry.get("period")) for entry in (alarm.body, *inner) if entry.get("period")]
    if periods is None or None in lengths or not lengths:
        yield "has a period, or a number of periods, that is no number"
    elif (seconds := max(length for length in lengths if length) * (points or periods)) > limit:
        yield f"rings after {seconds:g} s; {limit} s is the most"
    elif periods and (longest := max(filter(None, lengths), default=0)):
        most = DAY if longest < HOUR else 7 * DAY  # CloudWatch API reference, PutMetricAlarm
        if longest * periods > most:
            yield f"looks back for {longest * periods:g} s; {most} s is the most that CloudWatch takes"
    if periods is not None and points is not None and points > periods:
        yield f"needs {points:g} of {periods:g} periods"


def _odd(alarm: Block) -> Iterator[str]:
    """Periods that there are no data for, or none at all. Source: CloudWatch API reference, PutMetricAlarm:
    what AWS publishes is of a minute or more.
    """
    queries = [inner for query in alarm.blocks("metric_query") for inner in objects(query.get("metric"))]
    for body in (alarm.body, *queries):
        period = number(body.get("period"))
        of_aws = str(body.get("namespace")).startswith(("AWS/", "ECS/"))
        if period and period % MINUTE and (of_aws or period not in _HIGH_RESOLUTION):
            yield f"has periods of {period:g} s, which are no whole minutes"


def _of_threshold(alarm: Block, metric: Metric, measure: Measure) -> Iterator[str]:
    threshold, compared = number(alarm.get("threshold")), str(alarm.get("comparison_operator"))
    if threshold is None:
        yield f"has no threshold that is a number on {metric.name}"
    elif measure is _OTHER:
        return
    elif measure.bad == "either":
        yield from _of_lag(threshold, compared, metric, measure)
    elif compared not in (_ABOVE if measure.bad == "high" else _BELOW):
        yield f"rings when {metric.name} is {'low' if compared in _BELOW else 'not ' + measure.bad}"
    elif measure.bad == "high" and _is_beyond(
        threshold, most := _most(metric, measure, alarm), measure, compared
    ):
        yield f"has a threshold of {threshold:g} {measure.unit} on {metric.name}, which reaches {most:g}"
    elif threshold < measure.least or threshold > measure.sane:
        when = "too late" if (threshold > measure.sane) is (measure.bad == "high") else "always"
        yield f"has a threshold of {threshold:g} {measure.unit} on {metric.name}, which rings {when}"
    elif measure.bad == "low" and threshold == 0 and compared == _BELOW[0]:
        yield f"has a threshold of {threshold:g} {measure.unit} on {metric.name}, which is never less than 0"


def _of_lag(threshold: float, compared: str, metric: Metric, measure: Measure) -> Iterator[str]:
    """It is -1 while nothing replicates: a low value is as bad as a high one."""
    if compared in _BELOW:
        if not (-1 < threshold <= 0 or (threshold == -1 and compared == _BELOW[1])):
            yield f"has a threshold of {threshold:g} on {metric.name}, which is -1 while nothing replicates"
    elif not 0 <= threshold <= measure.sane:
        when = "too late" if threshold > 0 else "always"
        yield f"has a threshold of {threshold:g} {measure.unit} on {metric.name}, which rings {when}"


def _is_beyond(threshold: float, most: float, measure: Measure, compared: str) -> bool:
    is_exact = measure is _PERCENT and compared == _ABOVE[0]  # nothing is more than 100 %
    return threshold > most or (is_exact and threshold == most)


def _of_expression(alarm: Block, found: list[tuple[Metric, Measure]]) -> Iterator[str]:
    """Whether the result is above and below the threshold for some values of the metrics."""
    queries = {str(query.get("id")): query for query in alarm.blocks("metric_query")}
    results = [query for query in queries.values() if query.get("return_data") in (True, "true", "1")]
    threshold, compared = number(alarm.get("threshold")), str(alarm.get("comparison_operator"))
    if len(results) != 1 or threshold is None or compared not in (*_ABOVE, *_BELOW):
        yield "doesn't compare one query with a number"
        return
    yield from _unused(results[0], queries)
    yield from _filled(queries)
    measured = iter(found)
    named = {name: next(measured) for name, query in queries.items() if objects(query.get("metric"))}
    try:
        points = list(_points({name: _most(*one, alarm) for name, one in named.items()}))
        values = [_result(results[0], queries, point, 0) for point in points]
        failing = _failing({name: metric.name for name, (metric, _) in named.items()})
        at_worst = [_result(results[0], queries, point, 0) for point in failing]
    except MathError as error:
        text = str(results[0].get("expression"))[:80]
        yield f"has the expression {text}, which the gate can't evaluate: {error}"
        return
    holds = [COMPARED[compared](value, threshold) for value in values]
    if not any(holds):
        yield f"has an expression that is never {'above' if compared in _ABOVE else 'below'} {threshold:g}"
    elif all(holds):
        yield f"has an expression that is always {'above' if compared in _ABOVE else 'below'} {threshold:g}"
    elif not all(COMPARED[compared](value, threshold) for value in at_worst):
        yield f"does not ring when {_SHARE:.0%} of the requests fail"


def _unused(result: Body, queries: Mapping[str, Body]) -> Iterator[str]:
    """Queries on which the result does not depend: what they look at is not watched."""
    used, open_ = set[str](), [result]
    while open_:
        text = str(open_.pop().get("expression") or "")
        found = set(queries) if "METRICS" in text else set(re.findall(r"\w+", text)) & set(queries)
        open_ += [queries[name] for name in found - used]
        used |= found
    for name, query in queries.items():
        if query is not result and name not in used:
            yield f"asks for {name}, on which its result does not depend"


def _filled(queries: Mapping[str, Body]) -> Iterator[str]:
    """Fillers that take the place of tasks and targets that are not there."""
    metric_of = {
        name: str(metric.get("metric_name"))
        for name, query in queries.items()
        for metric in objects(query.get("metric"))
    }
    for query in queries.values():
        for name, filler in _FILL.findall(str(query.get("expression") or "")):
            if metric_of.get(name) in _NO_SIGN_OF_LIFE and number(filler) != 0:
                yield f"takes {filler} for {metric_of[name]} where there is no data: there is none left"


def _failing(names: Mapping[str, str]) -> Iterator[dict[str, float]]:
    """A share of many requests that fails; nothing where an expression is about something else."""
    errors = [name for name, metric in names.items() if metric in _ERRORS]
    requests = [name for name, metric in names.items() if metric == _ALL]
    if errors and requests and len(errors) + len(requests) == len(names):
        yield dict.fromkeys(requests, 1e5) | dict.fromkeys(errors, _SHARE * 1e5)


def _points(reaches: Mapping[str, float]) -> Iterator[dict[str, float]]:
    """Values of the metrics: their least, something between, their most."""
    names = list(reaches)
    levels = [(0.0, 1.0, min(most, 1e6) * 0.9) for most in reaches.values()]
    if len(names) <= _FEW:
        yield from (dict(zip(names, point, strict=True)) for point in product(*levels))
        return
    yield from ({name: level[index] for name, level in zip(names, levels, strict=True)} for index in range(3))


def _result(query: Body, queries: Mapping[str, Body], point: Mapping[str, float], depth: int) -> float:
    text = query.get("expression")
    if text is None:
        return point[str(query.get("id"))]
    if depth > len(queries):
        raise MathError("its queries refer to one another in a circle")
    named = {
        name: _result(other, queries, point, depth + 1)
        for name, other in queries.items()
        if other is not query and name in str(text)
    }
    return evaluate(str(text), named)


def _measure(metric: Metric) -> Measure:
    return MEASURES.get(metric.namespace, {}).get(metric.name, _OTHER)


def _most(metric: Metric, measure: Measure, alarm: Block) -> float:
    """The most that a metric reaches, of the resource that the alarm watches."""
    stack, name = alarm.stack, metric.name
    if name == "DatabaseConnections":
        return min((_connections(part, measure.most) for part in _instances(metric)), default=measure.most)
    if name == "Duration":
        functions = stack.referred(lookup(metric.dimensions, "FunctionName"), "aws_lambda_function")
        return min(((number(f.get("timeout")) or 3) * 1000 for f in functions), default=measure.most)
    if name == "TargetResponseTime":
        balancers = stack.referred(lookup(metric.dimensions, "LoadBalancer"), *LOAD_BALANCERS)
        return min((number(b.get("idle_timeout")) or 60 for b in balancers), default=measure.most)
    return measure.most


def _instances(metric: Metric) -> list[Block]:
    stack, named = metric.alarm.stack, list(metric.dimensions.values())
    clusters = stack.referred(named, "aws_rds_cluster")
    own = stack.referred(named, "aws_rds_cluster_instance", "aws_db_instance")
    return own + [
        part
        for cluster in clusters
        for part in stack.users(cluster, "cluster_identifier", "aws_rds_cluster_instance")
    ]


def _connections(instance: Block, otherwise: float) -> float:
    """By the parameter groups of the instance and its cluster, else by its class."""
    parameters = [
        parameter
        for block in (instance, *instance.refers("cluster_identifier", "aws_rds_cluster"))
        for name in ("db_parameter_group_name", "parameter_group_name", "db_cluster_parameter_group_name")
        for group in block.refers(name, "aws_db_parameter_group", "aws_rds_cluster_parameter_group")
        for parameter in group.blocks("parameter")
    ]
    for parameter in parameters:
        if parameter.get("name") == "max_connections" and (chosen := number(parameter.get("value"))):
            return chosen
    family, _, size = str(instance.get("instance_class")).removeprefix("db.").partition(".")
    return otherwise if family.startswith("t") else _CONNECTIONS.get(size, otherwise)
