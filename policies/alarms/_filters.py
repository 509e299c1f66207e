"""Log filters and the alarms that look at what they publish.

Source: CloudWatch Logs user guide, "Creating metrics from log events using filters", "Filter pattern syntax".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from stack_gate.stack import Block, Stack, number, objects

from policies._alarms import Alarms

FILTER = "aws_cloudwatch_log_metric_filter"
_ENDS = {"{": "}", "[": "]"}


def unpublished(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Filters that publish nothing, and alarms on what none of them publishes."""
    published: dict[tuple[str, str], list[tuple[Block, frozenset[str]]]] = defaultdict(list)
    for found in stack.resources(FILTER):
        yield from ((found, what) for what in _malformed(found))
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
        filters = published.get(key, [])
        astray = [found for found, names in filters if names != frozenset(metric.dimensions)]
        if not filters and (metric.namespace in spaces or metric.name in called):
            yield metric.alarm, f"looks at {metric.name} of {metric.namespace}, which no log filter publishes"
            missed = True
        elif filters and len(astray) == len(filters):
            yield metric.alarm, f"looks at {metric.name} under {_listed(metric.dimensions)}"
        yield from ((found, f"publishes {metric.name} under other dimensions") for found in astray)
    for key in published.keys() - seen if missed else ():
        yield from ((found, f"publishes {key[1]}, which no alarm looks at") for found, _ in published[key])


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
