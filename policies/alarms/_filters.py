"""Log filters and the alarms that look at what they publish.

Source: CloudWatch Logs user guide, "Creating metrics from log events using filters", "Filter pattern syntax".
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import eq, ge, gt, le, lt, ne

from stack_gate.stack import Block, Stack, number, objects

from policies._alarms import COMPARED, Alarms, Metric
from policies._package import UnseenError, code
from policies._schedules import ScheduleError, longest_gap

FILTER = "aws_cloudwatch_log_metric_filter"
_ENDS = {"{": "}", "[": "]"}
_FIELD = re.compile(r"\$\.([A-Za-z_]\w*)")
# The only pattern whose numbers are compared with the alarm's: one field and one number.
_LIMIT = re.compile(r"\{\s*\$\.(\w+)\s*(=|!=|<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*\}")
_SIGNS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def unpublished(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Filters that publish nothing, and alarms on what none of them publishes."""
    published: dict[tuple[str, str], list[tuple[Block, frozenset[str]]]] = defaultdict(list)
    for found in stack.resources(FILTER):
        yield from ((found, what) for what in [*_malformed(found), *_unwritten(found)])
        for body in found.blocks("metric_transformation"):
            names = frozenset(name for given in objects(body.get("dimensions")) for name in given)
            published[str(body.get("namespace")), str(body.get("name"))].append((found, names))
    if not published:
        return
    spaces, called = ({key[part] for key in published} for part in (0, 1))
    seen, missed = set(), False
    for metric in stack.derived(Alarms).metrics:
        key = (metric.namespace, metric.name)
        seen.add(key)
        for found, _ in published.get(key, []):
            yield from ((found, what) for what in _harmless(found, metric))
        filters = published.get(key, [])
        astray = [found for found, names in filters if names != frozenset(metric.dimensions)]
        if not filters and (metric.namespace in spaces or metric.name in called):
            yield metric.alarm, f"looks at {metric.name} of {metric.namespace}, which no log filter publishes"
            missed = True
        elif filters and len(astray) == len(filters):
            yield metric.alarm, f"looks at {metric.name} under {_listed(metric.dimensions)}"
        yield from ((found, f"publishes {metric.name} under other dimensions") for found in astray)
    boards = "".join(
        str(board.get("dashboard_body")) for board in stack.resources("aws_cloudwatch_dashboard")
    )
    yield from _rare(stack, published)
    for key in published.keys() - seen if stack.derived(Alarms).metrics else ():
        if not missed and key[1] in boards:
            continue
        yield from ((found, f"publishes {key[1]}, which no alarm looks at") for found, _ in published[key])


def _rare(
    stack: Stack, published: Mapping[tuple[str, str], list[tuple[Block, frozenset[str]]]]
) -> Iterator[tuple[Block, str]]:
    """Schedules whose runs are farther apart than an alarm on what the runs log looks back.

    Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data".
    """
    for metric in stack.derived(Alarms).metrics:
        alarm = metric.alarm
        window = (number(alarm.get("period")) or 0) * (number(alarm.get("evaluation_periods")) or 0)
        names = {
            str(group.get("name"))
            for found, _ in published.get((metric.namespace, metric.name), [])
            for group in found.refers("log_group_name", "aws_cloudwatch_log_group")
        }
        for name in names if window else ():
            gaps = {rule.key: (rule, gap) for rule in _runs(stack, name) if (gap := _gap(rule))}
            if gaps and min(gap for _, gap in gaps.values()) > window:
                yield from (
                    (rule, f"runs every {gap:g} s, where {alarm.address} looks back {window:g} s")
                    for rule, gap in gaps.values()
                )


def _runs(stack: Stack, log: str) -> Iterator[Block]:
    """The rules that invoke the function whose log it is."""
    for target in stack.resources("aws_cloudwatch_event_target"):
        for named in target.refers("arn", "aws_lambda_function", "aws_lambda_alias"):
            functions = named.refers("function_name", "aws_lambda_function") or [named]
            if any(f"/aws/lambda/{function.called}" == log for function in functions):
                yield from target.refers("rule", "aws_cloudwatch_event_rule")


def _gap(rule: Block) -> float:
    """Seconds between two runs at most; 0 where it has no schedule that can be read."""
    try:
        return longest_gap(str(rule.get("schedule_expression") or "")) * 86_400
    except ScheduleError:
        return 0


def _listed(names: Iterable[str]) -> str:
    return f"{' and '.join(sorted(names)) or 'no dimensions'}, where no log filter publishes it"


def _malformed(found: Block) -> Iterator[str]:
    pattern = str(found.get("pattern") or "").strip()
    end = _ENDS.get(pattern[:1])
    if end and not pattern.endswith(end):
        yield f"has the pattern {pattern[:80]}, which is no filter pattern"
    for body in found.blocks("metric_transformation"):
        values = [body.get("value")]
        values += [value for given in objects(body.get("dimensions")) for value in given.values()]
        for text in values:
            if text is not None and number(text) is None and not str(text).startswith("$"):
                yield f"publishes {text}, which is neither a number nor a field"


def _unwritten(found: Block) -> Iterator[str]:
    """Fields that the function does not write whose log it is, and words where fields are asked for."""
    pattern, fields = str(found.get("pattern") or ""), set()
    for body in found.blocks("metric_transformation"):
        dimensions = [value for given in objects(body.get("dimensions")) for value in given.values()]
        asked = [name for text in (body.get("value"), *dimensions) for name in _FIELD.findall(str(text))]
        fields.update(asked)
        if asked and not pattern.strip().startswith("{"):
            yield f"asks for {asked[0]} of lines that its pattern does not take for JSON"
    fields.update(_FIELD.findall(pattern))
    for name in found.refers("log_group_name", "aws_cloudwatch_log_group"):
        for log in found.stack.users(name, "log_destination", "aws_flow_log") if fields else ():
            yield f"asks for {min(fields)} of {log.address}, whose lines have no fields"
        for function in found.stack.resources("aws_lambda_function"):
            if str(name.get("name")) == f"/aws/lambda/{function.called}":
                try:
                    words = code(function).words
                except UnseenError:
                    continue
                yield from (
                    f"asks for {field}, which {function.address} does not write" for field in fields - words
                )


def _harmless(found: Block, metric: Metric) -> Iterator[str]:
    """What the filter publishes never makes its alarm ring, or hides that there is nothing."""
    threshold, compare = (
        number(metric.alarm.get("threshold")),
        COMPARED.get(str(metric.alarm.get("comparison_operator"))),
    )
    if threshold is None or compare is None or not metric.is_alone:
        return
    match = _LIMIT.fullmatch(str(found.get("pattern") or "").strip())
    for body in found.blocks("metric_transformation"):
        value, default = str(body.get("value")), number(body.get("default_value"))
        constant = number(value)
        summed = metric.statistic in ("Sum", "SampleCount")
        if constant is not None and not compare(constant, threshold) and not (summed and constant > 0):
            yield f"publishes {value}, where {metric.alarm.address} rings at none of that"
        if match and value == f"$.{match[1]}" and not _meets(match[2], float(match[3]), compare, threshold):
            yield f"publishes nothing at which {metric.alarm.address} rings"
        elif match and value == f"$.{match[1]}" and _is_late(match[2], float(match[3]), compare, threshold):
            yield f"publishes only a part of that at which {metric.alarm.address} rings"
        if default is not None and metric.alarm.get("treat_missing_data") == "breaching":
            yield f"publishes {default:g} where there is nothing, which {metric.alarm.address} rings for"


def _is_late(sign: str, limit: float, compare: Callable[[float, float], bool], threshold: float) -> bool:
    """Whether the filter begins where the alarm should have rung long ago."""
    if compare in (gt, ge):
        return sign in (">", ">=") and limit > threshold
    return sign in ("<", "<=") and limit < threshold


def _meets(sign: str, limit: float, compare: Callable[[float, float], bool], threshold: float) -> bool:
    """Whether some number is on both sides. Between and beyond the two numbers are all cases."""
    low, high = sorted((limit, threshold))
    tried = (low - 1, low, (low + high) / 2, high, high + 1)
    return any(_SIGNS[sign](number_, limit) and compare(number_, threshold) for number_ in tried)
