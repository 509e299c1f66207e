"""Resources whose ARN isn't made of a request's parameters alone: keys behind aliases, secrets' suffixes.

Source: Service Authorization Reference of each service; the comments name what isn't in it.
"""

import re
from collections.abc import Callable, Iterator

from embedded_aws.authorisation import held
from embedded_aws.authorisation.calls import Call
from iam_evaluation import find_action

Found = tuple[str, ...] | None
DEFAULT = "default"
# Prefix of an EC2 id → its resource type in the Service Authorization Reference.
EC2_TYPES = {
    "acl": "network-acl",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
EC2_ID = re.compile(r"([a-z]+)-[0-9a-f]{8,}")
REQUEST_TAG = "aws:RequestTag/${TagKey}"


def bare(service: str, name: str) -> str:
    """The name in an ARN: parameters may have it with its path, or as an ARN."""
    if service == "ssm":
        return name.removeprefix("/")
    if service in ("cloudtrail", "ecs", "events"):
        return name.rpartition("/")[2]
    return name


def known(call: Call, action: str) -> Found:
    """The resources of a call. None: they follow from its parameters."""
    find = _BY_SERVICE.get(call.service)
    return find(call, action) if find else None


def arn(call: Call, rest: str) -> str:
    """Of the caller's account and the call's region."""
    return f"arn:aws:{call.service}:{call.region}:{call.account}:{rest}"


def _alarms(call: Call, _: str) -> Found:
    """Composite alarms are described only with a permission for `*` (API reference, DescribeAlarms)."""
    composite = "CompositeAlarm" in call.texts("AlarmTypes")
    return ("*",) if call.operation == "DescribeAlarms" and composite else None


def _vault(call: Call, _: str) -> Found:
    """What is asked of a recovery point counts as asked of its vault, whose policy decides it (AWS Backup
    developer guide, "Vault access policies").
    """
    name = call.text("backupVaultName", "BackupVaultName")
    return (arn(call, f"backup-vault:{name}"),) if name else None


def _key(call: Call, action: str) -> Found:
    """An alias is a resource of its own for what is done to it: both count (KMS developer guide, "Controlling
    access to aliases").
    """
    if call.operation == "CreateKey":  # no key policy decides about a key that isn't there
        return ("*",)
    aliased = [arn(call, call.text("AliasName"))] if action.endswith("Alias") else []
    keys = [
        held.key(call.text(name), call.region, call.account)
        for name in ("KeyId", "TargetKeyId", "SourceKeyId")
    ]
    if action.endswith("Alias"):
        keys.append(held.key(call.text("AliasName"), call.region, call.account))
    if not aliased and not any(keys):  # KMS says that there is no such key
        return () if call.text("KeyId") else None
    return tuple(dict.fromkeys((*aliased, *(key.arn for key in keys if key))))


def _addressed(call: Call, action: str) -> Found:
    """Of EC2: what is created, whose id is as yet unknown, and what is named by its id. What is tagged on its
    creation is only what is created (EC2 user guide, "Grant permission to tag resources during creation").
    """
    creation = find_action(f"ec2:{call.operation}")
    created = [one.name for one in creation.resource_types if REQUEST_TAG in one.own_keys]
    tagging = action == "ec2:CreateTags" and call.operation != "CreateTags"
    found = [arn(call, f"{type_}/*") for type_ in created]
    if not tagging:
        known_types = {one.name for one in find_action(action).resource_types}
        found += [arn(call, name) for type_, name in _ec2_names(call) if type_ in known_types]
    return tuple(dict.fromkeys(found)) or None


def _ec2_names(call: Call) -> Iterator[tuple[str, str]]:
    """Type, and the end of the ARN, of each id among the parameters; a rule's peers are no resource of it."""
    for name, value in call.parameters.items():
        if name.startswith("IpPermissions."):
            continue
        for identifier in (value, *held.associated(str(value), call.region)):
            match = EC2_ID.fullmatch(str(identifier))
            if match and match[1] in EC2_TYPES:
                yield EC2_TYPES[match[1]], f"{EC2_TYPES[match[1]]}/{identifier}"


def _balancer(call: Call, action: str) -> Found:
    """What is created has an id that is as yet unknown."""
    if call.operation == "CreateLoadBalancer":
        kind = {"network": "net", "gateway": "gwy"}.get(call.text("Type"), "app")
        return (arn(call, f"loadbalancer/{kind}/{call.text('Name')}/*"),)
    if call.operation == "CreateTargetGroup":
        return (arn(call, f"targetgroup/{call.text('Name')}/*"),)
    if call.operation == "CreateListener" and action.endswith("AddTags"):
        return (call.text("LoadBalancerArn").replace(":loadbalancer/", ":listener/") + "/*",)
    return None


def _web_acl(call: Call, action: str) -> Found:
    """Managed rule groups count as resources of the ACL that has them."""
    if call.operation == "GetWebACLForResource":
        balancer = call.text("ResourceArn")
        waf = held.backend("wafv2", call.region, call.account)
        acl = waf.get_web_acl_for_resource(balancer) if waf else None
        return (balancer, *([str(acl.arn)] if acl else ()))
    logging = call.parameters.get("LoggingConfiguration") or {}
    if logging.get("ResourceArn"):
        return (logging["ResourceArn"],)
    if not call.text("Name"):
        return None
    scope = "global" if call.text("Scope") == "CLOUDFRONT" else "regional"
    own = arn(call, f"{scope}/webacl/{call.text('Name')}/{call.text('Id') or '*'}")
    managed = "ManagedRuleGroupStatement" in str(call.parameters.get("Rules", ""))
    sets = arn(call, f"{scope}/managedruleset/*/*")
    return (own, sets) if managed and not action.endswith("TagResource") else (own,)


def _scaling(call: Call, _: str) -> Found:
    """A scalable target is named by what it scales; one that is registered anew has no ARN yet."""
    found = held.scalable_target(call.text("ScalableDimension"), call.text("ResourceId"), call.region)
    return (found.arn,) if found else None


def _parameter(call: Call, action: str) -> Found:
    if not action.endswith(("TagsToResource", "TagsFromResource", "TagsForResource")):
        return None
    name = call.text("ResourceId") or call.text("Name")
    return (arn(call, f"parameter/{name.removeprefix('/')}"),) if name else None


def _secret(call: Call, _: str) -> Found:
    if call.operation == "CreateSecret":  # six characters follow, as yet unknown
        return (arn(call, f"secret:{call.text('Name')}-??????"),)
    secret = held.secret(call.text("SecretId"), call.region)
    return (secret.arn,) if secret else None


def _table(call: Call, _: str) -> Found:
    """A query of an index is about that index alone (DynamoDB developer guide, "Using IAM policy
    conditions").
    """
    items = [one for many in ("TransactItems",) for one in call.parameters.get(many, ())]
    names = [found.get("TableName", "") for item in items for found in item.values()]
    names += list(call.parameters.get("RequestItems", {})) or [call.text("TableName")]
    tables = [name if name.startswith("arn:") else arn(call, f"table/{name}") for name in names if name]
    index = call.text("IndexName")
    return tuple(dict.fromkeys(f"{table}/index/{index}" if index else table for table in tables)) or None


def _function(call: Call, _: str) -> Found:
    name, qualifier = call.text("FunctionName"), call.text("Qualifier")
    if not name or name.startswith("arn:"):
        return (name + (f":{qualifier}" if qualifier else ""),) if name else None
    name = name.rpartition("function:")[2]
    return (arn(call, f"function:{name}" + (f":{qualifier}" if qualifier else "")),)


def _logs(call: Call, action: str) -> Found:
    """Of a group, all but tags is checked for `GROUP:log-stream:` (CloudWatch Logs user guide, "Overview of
    managing access permissions": the ARN with `:*`).
    """
    group = call.text("logGroupName") or call.text("logGroupIdentifier").rpartition(":log-group:")[2]
    if not group or action.endswith("agResource"):
        return None
    stream = call.text("logStreamName")
    return (arn(call, f"log-group:{group.removesuffix(':*')}:log-stream:{stream}"),)


def _queue(call: Call, _: str) -> Found:
    name = call.text("QueueUrl").rpartition("/")[2] or call.text("QueueName")
    return (arn(call, name),) if name else None


def _role(call: Call, _: str) -> Found:
    name = call.text("RoleName")
    if not name or call.operation == "CreateRole":
        path = call.text("Path").strip("/")
        role_arn = f"arn:aws:iam::{call.account}:role/{f'{path}/' if path else ''}{name}"
        return (role_arn,) if name else None
    role = held.role(name, call.account)
    return (role.arn if role else f"arn:aws:iam::{call.account}:role/{name}",)


def _rule(call: Call, action: str) -> Found:
    if call.operation == "PutEvents":
        buses = {entry.get("EventBusName", DEFAULT) for entry in call.parameters.get("Entries", ())}
        return tuple(
            bus if bus.startswith("arn:") else arn(call, f"event-bus/{bus}") for bus in sorted(buses)
        )
    name = call.text("Rule") or call.text("Name")
    if not action.endswith(("Rule", "Targets", "ListTargetsByRule")) or not name:
        return None
    bus = bare("events", call.text("EventBusName") or DEFAULT)
    return (arn(call, f"rule/{name}" if bus == DEFAULT else f"rule/{bus}/{name}"),)


def _execution(call: Call, _: str) -> Found:
    """A version or alias is the state machine's."""
    machine = call.text("stateMachineArn")
    return (":".join(machine.split(":")[:7]),) if machine else None


def _service_of_cluster(call: Call, action: str) -> Found:
    if call.operation == "RegisterTaskDefinition":
        tagged = action.endswith("TagResource")
        return (arn(call, f"task-definition/{call.text('family')}:*"),) if tagged else None
    cluster = bare("ecs", call.text("cluster")) or DEFAULT
    names = call.texts("services") or call.texts("service") or call.texts("serviceName")
    found = [one if one.startswith("arn:") else arn(call, f"service/{cluster}/{one}") for one in names]
    return tuple(found) or None


def _file_system(call: Call, _: str) -> Found:
    """A mount target is its file system's."""
    if not (id_ := call.text("MountTargetId")):
        return None
    target = held.mount_target(id_, call.region)
    return (arn(call, f"file-system/{target.file_system_id}"),) if target else ()  # EFS says there is none


# Of Network Firewall: the names that an operation gives, and their type.
FIREWALL_TYPES = {
    "RuleGroup": "stateful-rulegroup",
    "FirewallPolicy": "firewall-policy",
    "Firewall": "firewall",
}


def _network_firewall(call: Call, action: str) -> Found:
    """What an operation is about, by its name or its ARN, and the policy or the groups that it refers to."""
    if named := call.text("ResourceArn"):
        return (named,)
    operation = call.operation.replace("AssociateFirewallPolicy", "Firewall")
    kind = next((one for one in FIREWALL_TYPES if operation.endswith(one)), "Firewall")
    name = call.text(f"{kind}Name")
    own = call.text(f"{kind}Arn") or (arn(call, f"{FIREWALL_TYPES[kind]}/{name}") if name else "")
    if action.endswith("agResource"):
        return (own,)
    policy = call.parameters.get("FirewallPolicy") or {}
    groups = [one["ResourceArn"] for one in policy.get("StatefulRuleGroupReferences") or ()]
    referred = [call.text("FirewallPolicyArn"), *groups]
    return tuple(dict.fromkeys(filter(None, (own, *referred)))) or None


# Of DNS Firewall: parameter → the type of what it names.
RESOLVER_TYPES = {
    "FirewallDomainListId": "firewall-domain-list",
    "FirewallRuleGroupId": "firewall-rule-group",
    "FirewallRuleGroupAssociationId": "firewall-rule-group-association",
}


def _resolver(call: Call, _: str) -> Found:
    """What is created has an id that is as yet unknown."""
    if named := call.text("ResourceArn"):
        return (named,)
    created = {
        "AssociateFirewallRuleGroup": "firewall-rule-group-association",
        "CreateFirewallDomainList": "firewall-domain-list",
        "CreateFirewallRuleGroup": "firewall-rule-group",
    }.get(call.operation)
    if created:
        return (arn(call, f"{created}/*"),)
    found = [
        arn(call, f"{type_}/{call.text(name)}") for name, type_ in RESOLVER_TYPES.items() if call.text(name)
    ]
    if call.operation.endswith(("FirewallConfig", "FirewallConfigs")):
        found = [arn(call, "firewall-config/*")]
    return tuple(found) or None


_BY_SERVICE: dict[str, Callable[[Call, str], Found]] = {
    "application-autoscaling": _scaling,
    "backup": _vault,
    "cloudwatch": _alarms,
    "dynamodb": _table,
    "ec2": _addressed,
    "ecs": _service_of_cluster,
    "elasticfilesystem": _file_system,
    "elasticloadbalancing": _balancer,
    "events": _rule,
    "iam": _role,
    "kms": _key,
    "lambda": _function,
    "logs": _logs,
    "network-firewall": _network_firewall,
    "route53resolver": _resolver,
    "secretsmanager": _secret,
    "sqs": _queue,
    "ssm": _parameter,
    "states": _execution,
    "wafv2": _web_acl,
}
