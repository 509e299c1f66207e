"""Stock moto makes and describes firewalls, and nothing else of Network Firewall: no rule groups, policies,
endpoints, deletion.

Here each is kept as its request has it, and held to what the reference says: what is in use is not deleted,
what is protected is not changed, one log is changed at a time. `egress/` inspects what services send.
https://docs.aws.amazon.com/network-firewall/latest/APIReference/Welcome.html
"""

import uuid
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.networkfirewall.responses import NetworkFirewallResponse

from embedded_aws.extensions import Server
from embedded_aws.extensions.log_deliveries import open_delivery

Kept = dict[str, Any]
UNPROTECTED = "DeleteProtection"
KINDS = {"RuleGroup": "stateful-rulegroup", "FirewallPolicy": "firewall-policy", "Firewall": "firewall"}
# A firewall's settings: operation → the parameter that it sets, and the protection that forbids it.
SETTINGS = {
    "update_firewall_delete_protection": ("DeleteProtection", ""),
    "update_firewall_description": ("Description", ""),
    "update_firewall_encryption_configuration": ("EncryptionConfiguration", ""),
    "update_firewall_policy_change_protection": ("FirewallPolicyChangeProtection", ""),
    "update_subnet_change_protection": ("SubnetChangeProtection", ""),
    "associate_firewall_policy": ("FirewallPolicyArn", "FirewallPolicyChangeProtection"),
}


def install(server: Server) -> None:
    """Replace moto's operations by those of this module."""
    for kind in ("RuleGroup", "FirewallPolicy"):
        snake = "rule_group" if kind == "RuleGroup" else "firewall_policy"
        verbs = {"create": _create, "delete": _delete, "describe": _describe, "update": _update}
        for verb, of_kind in verbs.items():
            _answer(f"{verb}_{snake}", _of_kind(of_kind, kind))
    for name, (parameter, protection) in SETTINGS.items():
        _answer(name, _setting(parameter, protection))
    operations: dict[str, Callable[[NetworkFirewallResponse], Kept]] = {
        "associate_subnets": _associate_subnets,
        "create_firewall": _create_firewall,
        "delete_firewall": _delete_firewall,
        "describe_firewall": lambda asked: _described(_firewall(asked)),
        "describe_logging_configuration": lambda asked: _logs(_firewall(asked)),
        "disassociate_subnets": _disassociate_subnets,
        "list_firewalls": _list_firewalls,
        "list_tags_for_resource": lambda asked: {"Tags": _by_arn(asked)["Tags"]},
        "tag_resource": _tag,
        "untag_resource": _untag,
        "update_logging_configuration": lambda asked: _log(server, asked),
    }
    for name, act in operations.items():
        _answer(name, act)


def _answer(name: str, act: Callable[[NetworkFirewallResponse], Kept]) -> None:
    def answer(self: NetworkFirewallResponse) -> ActionResult:
        return ActionResult(act(self))

    setattr(NetworkFirewallResponse, name, answer)


def _of_kind(
    act: Callable[[NetworkFirewallResponse, str], Kept], kind: str
) -> Callable[[NetworkFirewallResponse], Kept]:
    return lambda asked: act(asked, kind)


def _held(asked: NetworkFirewallResponse, kind: str) -> dict[str, Kept]:
    """By ARN. Firewalls are where moto has them: their service-linked role is made for the first."""
    backend = asked.networkfirewall_backend
    if kind == "Firewall":
        found: dict[str, Kept] = backend.firewalls  # type: ignore[assignment]
        return found
    kept: dict[str, Kept] = vars(backend).setdefault(f"kept_{kind}", {})
    return kept


def _error(code: str, message: str) -> JsonRESTError:
    return JsonRESTError(code, message)


def _find(asked: NetworkFirewallResponse, kind: str) -> Kept:
    arn, name = asked._get_param(f"{kind}Arn"), asked._get_param(f"{kind}Name")
    for found in _held(asked, kind).values():
        if found["Arn"] == arn or found["Name"] == name:
            return found
    raise _error("ResourceNotFoundException", f"{kind} does not exist: {arn or name}")


def _by_arn(asked: NetworkFirewallResponse) -> Kept:
    arn = asked._get_param("ResourceArn")
    for kind in KINDS:
        if arn in _held(asked, kind):
            return _held(asked, kind)[arn]
    raise _error("ResourceNotFoundException", f"no such resource: {arn}")


def _new(asked: NetworkFirewallResponse, kind: str) -> Kept:
    name, backend = asked._get_param(f"{kind}Name"), asked.networkfirewall_backend
    arn = f"arn:aws:network-firewall:{backend.region_name}:{backend.account_id}:{KINDS[kind]}/{name}"
    if arn in _held(asked, kind):
        raise _error("InvalidRequestException", f"A resource with the specified name already exists: {name}")
    found: Kept = {"Name": name, "Arn": arn, "Id": str(uuid.uuid4()), "Token": str(uuid.uuid4())}
    found["Tags"] = asked._get_param("Tags") or []
    _held(asked, kind)[arn] = found
    return found


def _current(asked: NetworkFirewallResponse, found: Kept) -> None:
    """An update names the version that it changes."""
    token = asked._get_param("UpdateToken")
    if token is not None and token != found["Token"]:
        raise _error("InvalidTokenException", "Update token does not match the resource's current one")
    found["Token"] = str(uuid.uuid4())


def _create(asked: NetworkFirewallResponse, kind: str) -> Kept:
    _check(asked, kind)
    found = _new(asked, kind)
    found.update(Type=asked._get_param("Type"), Capacity=asked._get_param("Capacity"))
    return _set(asked, kind, found)


def _update(asked: NetworkFirewallResponse, kind: str) -> Kept:
    found = _find(asked, kind)
    _check(asked, kind)
    _current(asked, found)
    return _set(asked, kind, found)


def _set(asked: NetworkFirewallResponse, kind: str, found: Kept) -> Kept:
    body = asked._get_param(kind)
    rules = asked._get_param("Rules")
    if kind == "RuleGroup" and rules:
        body = {"RulesSource": {"RulesString": rules}}
    found.update(
        Body=body,
        Description=asked._get_param("Description"),
        Encryption=asked._get_param("EncryptionConfiguration") or {"Type": "AWS_OWNED_KMS_KEY"},
    )
    return _answered(found, kind)


def _check(asked: NetworkFirewallResponse, kind: str) -> None:
    """A policy names groups that exist, of its own rule order (API reference, StatefulRuleOptions)."""
    if kind != "FirewallPolicy":
        return
    body = asked._get_param(kind)
    order = (body.get("StatefulEngineOptions") or {}).get("RuleOrder", "DEFAULT_ACTION_ORDER")
    for reference in body.get("StatefulRuleGroupReferences") or []:
        group = _held(asked, "RuleGroup").get(reference["ResourceArn"])
        if group is None:
            raise _error("InvalidRequestException", f"no such rule group: {reference['ResourceArn']}")
        its = (group["Body"].get("StatefulRuleOptions") or {}).get("RuleOrder", "DEFAULT_ACTION_ORDER")
        if its != order:
            raise _error("InvalidRequestException", f"rule order {its} of {group['Name']} is not {order}")


def _describe(asked: NetworkFirewallResponse, kind: str) -> Kept:
    found = _find(asked, kind)
    return {kind: found["Body"], **_answered(found, kind)}


def _answered(found: Kept, kind: str) -> Kept:
    details = {
        f"{kind}Arn": found["Arn"],
        f"{kind}Name": found["Name"],
        f"{kind}Id": found["Id"],
        f"{kind}Status": "ACTIVE",
        "Description": found["Description"],
        "EncryptionConfiguration": found["Encryption"],
        "Tags": found["Tags"],
    }
    if kind == "RuleGroup":
        details |= {"Type": found["Type"], "Capacity": found["Capacity"]}
    return {"UpdateToken": found["Token"], f"{kind}Response": details}


def _delete(asked: NetworkFirewallResponse, kind: str) -> Kept:
    found = _find(asked, kind)
    policies, firewalls = _held(asked, "FirewallPolicy"), _held(asked, "Firewall")
    users = [one["Body"] for one in policies.values()] if kind == "RuleGroup" else list(firewalls.values())
    if any(found["Arn"] in str(user) for user in users):
        raise _error("InvalidOperationException", f"{found['Name']} is in use")
    del _held(asked, kind)[found["Arn"]]
    return _answered(found, kind)


def _firewall(asked: NetworkFirewallResponse) -> Kept:
    return _find(asked, "Firewall")


def _create_firewall(asked: NetworkFirewallResponse) -> Kept:
    policy = asked._get_param("FirewallPolicyArn")
    if policy not in _held(asked, "FirewallPolicy"):
        raise _error("InvalidRequestException", f"no such firewall policy: {policy}")
    found = _new(asked, "Firewall")
    for name in ("VpcId", "FirewallPolicyArn", "Description"):
        found[name] = asked._get_param(name)
    found["EncryptionConfiguration"] = asked._get_param("EncryptionConfiguration")
    for name in ("DeleteProtection", "FirewallPolicyChangeProtection", "SubnetChangeProtection"):
        found[name] = bool(asked._get_bool_param(name))
    found.update(Endpoints={}, Logs=[])
    _place(asked, found)
    return _described(found)


def _place(asked: NetworkFirewallResponse, found: Kept) -> None:
    """An endpoint in each subnet, one a zone, which routes may name."""
    backend = asked.networkfirewall_backend
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    taken = {one["Zone"] for one in found["Endpoints"].values()}
    for mapping in asked._get_param("SubnetMappings"):
        subnet = ec2.get_subnet(mapping["SubnetId"])
        if subnet.availability_zone in taken:
            raise _error("InvalidRequestException", f"two subnets in {subnet.availability_zone}")
        taken.add(subnet.availability_zone)
        service = f"com.amazonaws.vpce.{backend.region_name}.vpce-svc-{found['Id'].replace('-', '')[:17]}"
        endpoint = ec2.create_vpc_endpoint(
            found["VpcId"], service, "GatewayLoadBalancer", None, [], [subnet.id]
        )
        found["Endpoints"][subnet.id] = {"Zone": subnet.availability_zone, "Id": endpoint.id}


def _described(found: Kept) -> Kept:
    states = {
        one["Zone"]: {
            "Attachment": {"SubnetId": subnet, "EndpointId": one["Id"], "Status": "READY"},
            "Config": {},
        }
        for subnet, one in found["Endpoints"].items()
    }
    names = ("VpcId", "FirewallPolicyArn", "Description", "DeleteProtection", "Tags")
    protections = ("FirewallPolicyChangeProtection", "SubnetChangeProtection", "EncryptionConfiguration")
    return {
        "UpdateToken": found["Token"],
        "Firewall": {
            "FirewallName": found["Name"],
            "FirewallArn": found["Arn"],
            "FirewallId": found["Id"],
            "SubnetMappings": [{"SubnetId": subnet} for subnet in found["Endpoints"]],
            **{name: found[name] for name in (*names, *protections)},
        },
        "FirewallStatus": {
            "Status": "READY",
            "ConfigurationSyncStateSummary": "IN_SYNC",
            "SyncStates": states,
        },
    }


def _setting(parameter: str, protection: str) -> Callable[[NetworkFirewallResponse], Kept]:
    def change(asked: NetworkFirewallResponse) -> Kept:
        found = _firewall(asked)
        if found.get(protection):
            raise _error("InvalidOperationException", f"{found['Name']}: {protection} is on")
        _current(asked, found)
        found[parameter] = asked._get_param(parameter)
        answer = _described(found)
        named = {"FirewallArn": found["Arn"], "FirewallName": found["Name"], parameter: found[parameter]}
        return {**answer, **named}

    return change


def _associate_subnets(asked: NetworkFirewallResponse) -> Kept:
    found = _changeable(asked)
    _place(asked, found)
    return _subnets(found)


def _disassociate_subnets(asked: NetworkFirewallResponse) -> Kept:
    found = _changeable(asked)
    _remove(asked, found, asked._get_param("SubnetIds"))
    return _subnets(found)


def _changeable(asked: NetworkFirewallResponse) -> Kept:
    found = _firewall(asked)
    if found["SubnetChangeProtection"]:
        raise _error("InvalidOperationException", f"{found['Name']}: SubnetChangeProtection is on")
    _current(asked, found)
    return found


def _subnets(found: Kept) -> Kept:
    mappings = [{"SubnetId": subnet} for subnet in found["Endpoints"]]
    named = {"FirewallArn": found["Arn"], "FirewallName": found["Name"], "UpdateToken": found["Token"]}
    return {**named, "SubnetMappings": mappings}


def _remove(asked: NetworkFirewallResponse, found: Kept, subnets: list[str]) -> None:
    backend = asked.networkfirewall_backend
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    for subnet in subnets:
        ec2.delete_vpc_endpoints([found["Endpoints"].pop(subnet)["Id"]])


def _delete_firewall(asked: NetworkFirewallResponse) -> Kept:
    found = _firewall(asked)
    if found[UNPROTECTED]:
        raise _error("InvalidOperationException", f"{found['Name']}: {UNPROTECTED} is on")
    _remove(asked, found, list(found["Endpoints"]))
    del _held(asked, "Firewall")[found["Arn"]]
    return _described(found)


def _list_firewalls(asked: NetworkFirewallResponse) -> Kept:
    vpcs = asked._get_param("VpcIds")
    found = [one for one in _held(asked, "Firewall").values() if not vpcs or one["VpcId"] in vpcs]
    return {"Firewalls": [{"FirewallName": one["Name"], "FirewallArn": one["Arn"]} for one in found]}


def _logs(found: Kept) -> Kept:
    named = {"FirewallArn": found["Arn"], "FirewallName": found["Name"]}
    return {**named, "LoggingConfiguration": {"LogDestinationConfigs": found["Logs"]}}


def _log(server: Server, asked: NetworkFirewallResponse) -> Kept:
    """API reference, UpdateLoggingConfiguration: one of the logs is added, changed or removed at a time, and
    LogDestinationPermissionException.
    """
    found = _firewall(asked)
    wanted = (asked._get_param("LoggingConfiguration") or {}).get("LogDestinationConfigs") or []
    if sum(one not in wanted for one in found["Logs"]) + sum(one not in found["Logs"] for one in wanted) > 1:
        raise _error("InvalidRequestException", "You can change only one LogDestinationConfig at a time")
    backend = asked.networkfirewall_backend
    for one in wanted:
        if group := one["LogDestination"].get("logGroup"):
            arn = f"arn:aws:logs:{backend.region_name}:{backend.account_id}:log-group:{group}"
            if not open_delivery(server, backend.account_id, arn, "UpdateLoggingConfiguration"):
                code = "LogDestinationPermissionException"
                raise _error(code, "Unable to send logs to a configured logging destination.")
    found["Logs"] = wanted
    return _logs(found)


def _tag(asked: NetworkFirewallResponse) -> Kept:
    found, new = _by_arn(asked), asked._get_param("Tags")
    names = {tag["Key"] for tag in new}
    found["Tags"] = [*(tag for tag in found["Tags"] if tag["Key"] not in names), *new]
    return {}


def _untag(asked: NetworkFirewallResponse) -> Kept:
    found, names = _by_arn(asked), asked._get_param("TagKeys")
    found["Tags"] = [tag for tag in found["Tags"] if tag["Key"] not in names]
    return {}
