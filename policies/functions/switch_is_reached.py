"""Lambda runs the switch function's own code, with its own SDK and the network that it needs."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Stack, number

from policies._policy import StackPolicy
from policies._switch import environment, is_switch
from policies.platform._reviewed import RUNTIME, RUNTIME_VALUES

# They change what the runtime or the SDK loads, or whom the SDK asks. Sources: Lambda developer guide,
# "Defined runtime environment variables"; AWS SDKs and tools reference guide, "Environment variables".
_RESERVED = re.compile(
    r"_\w*|AWS_\w*|BOTO\w*|CURL_CA_BUNDLE|GCONV_PATH|GLIBC_TUNABLES|HOME|IFS|LAMBDA_\w*|LC_ALL|LD_\w*|LOCALDOMAIN"
    r"|LOCPATH|MALLOC_\w*|NLSPATH|NODE_OPTIONS|OPENSSL_\w*|PATH|PYTHON\w*|REQUESTS_CA_BUNDLE|RES_OPTIONS|SSL\w*"
    r"|TMPDIR|TZDIR|(?:ALL|FTP|HTTP|HTTPS|NO)_PROXY",
    re.IGNORECASE,
)
_HARMLESS = frozenset({"AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL"})
_LOADED = ("AWS_LAMBDA_EXEC_WRAPPER", "SSLKEYLOGFILE")
_GROUPS = ("aws_security_group",)
_HTTPS = 443


class SwitchIsReached(StackPolicy):
    policy = "CKV2_BG_323"
    title = "Lambda runs each function as it is in the stack, and the switch function reaches AWS"
    requirement = "R29"
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "A shift or a rollback then fails when it is needed, or runs code that no one reviewed"
    fix = (
        "take variables of the runtime and the SDK out; leave a concurrency above zero; allow egress to the "
        "endpoints on 443"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for function in stack.resources("aws_lambda_function"):
            if is_switch(function):
                yield from ((function, what) for what in [*_settings(function), *_network(function)])
            else:
                yield from ((function, what) for what in _loaded(function))


def _settings(function: Block) -> Iterator[str]:
    for name in environment(function):
        if _RESERVED.fullmatch(name) and name not in _HARMLESS:
            yield f"has the environment variable {name}, which changes the runtime or the SDK"
    reserved = function.get("reserved_concurrent_executions")
    if reserved is not None and (number(reserved) is None or number(reserved) == 0):
        yield f"has a concurrency of {reserved}"
    if function.get("layers"):
        yield "has layers, whose code is not beside the stack"
    if function.get("image_config") or function.get("code_signing_config_arn") == "":
        yield "has its entry point changed"


def _loaded(function: Block) -> Iterator[str]:
    """Another function may have settings of its language, and no other code, servers or certificates."""
    for name, value in environment(function).items():
        accepted = RUNTIME_VALUES.get(name)
        is_known = "${" in str(value) or (accepted is not None and accepted.accepts(value))
        if RUNTIME.fullmatch(name) or name in _LOADED or (accepted and not is_known):
            yield f"has the environment variable {name}, which changes the runtime or the SDK"
    reserved = function.get("reserved_concurrent_executions")
    if number(reserved) == 0:
        yield f"has a concurrency of {reserved}"


def _network(function: Block) -> Iterator[str]:
    """A way out to the endpoints, for a function in the VPC."""
    if not function.get("vpc_config"):
        return
    stack = function.stack
    groups = function.refers("vpc_config.security_group_ids", *_GROUPS)
    rules = [rule for group in groups for rule in group.blocks("egress")]
    for type_ in ("aws_vpc_security_group_egress_rule", "aws_security_group_rule"):
        for group in groups:
            rules += [
                rule.body
                for rule in stack.users(group, "security_group_id", type_)
                if rule.get("type") != "ingress"
            ]
    if groups and not any(_covers_https(rule) for rule in rules):
        yield "has no way out on 443: its security group allows none"
    if not function.get("vpc_config.subnet_ids"):
        yield "names no subnets"


def _covers_https(rule: dict[str, object]) -> bool:
    protocol = str(rule.get("ip_protocol", rule.get("protocol"))).lower()
    first, last = number(rule.get("from_port")), number(rule.get("to_port"))
    if protocol == "-1":
        return True
    return protocol in ("tcp", "6") and first is not None and last is not None and first <= _HTTPS <= last


check = SwitchIsReached()
