"""What runs: each colour's service, the functions, and how they reach the APIs of AWS."""

from collections.abc import Iterator

from stack_gate.stack import Block

from bluegreen.diagram.model import Kind, Node, Place
from bluegreen.diagram.parts.access import queries_a_database
from bluegreen.diagram.parts.roles import application_roles, assumed_by, moves_traffic, policies
from bluegreen.diagram.scene import Scene
from bluegreen.diagram.words import count

QUEUE, ALIAS = "aws_sqs_queue", "aws_lambda_alias"
SCALING = ("aws_appautoscaling_target", "aws_appautoscaling_policy", "aws_appautoscaling_scheduled_action")


def services(scene: Scene) -> Iterator[Node]:
    """A box a colour, with its target group, its ECS service and its role in it."""
    for colour, group in scene.colours.groups.items():
        frame = Node(
            id=f"service:{colour}",
            kind=Kind.SERVICE,
            place=Place.APPLICATION,
            title=f"{colour.capitalize()} service",
            colour=colour,
        )
        yield frame
        yield _targets(scene, group, colour, frame)
        for service in scene.stack.resources("aws_ecs_service"):
            if scene.colours.of(service) == colour:
                yield _tasks(scene, service, colour, frame)
        for role in application_roles(scene, colour):
            yield _role(scene, role, colour, frame)
    for cluster in scene.stack.resources("aws_ecs_cluster"):
        if scene.colours.of(cluster) is None:
            yield scene.node(Kind.TASKS, Place.APPLICATION, "ECS cluster", scene.short(cluster), of=[cluster])
    for repository in scene.stack.resources("aws_ecr_repository"):
        yield scene.node(
            Kind.IMAGES, Place.DATA, "Image repository", scene.short(repository), of=[repository],
            colour=scene.colours.of(repository), locked=[repository],
        )  # fmt: skip


def functions(scene: Scene) -> Iterator[Node]:
    """The Lambda functions, in the tier of their subnets; shared ones that query databases in one box."""
    alone: dict[Block, list[Block]] = {}
    shared: dict[Place, list[Block]] = {}
    for function in scene.stack.resources("aws_lambda_function"):
        tier = scene.place(function.blocks("vpc_config"))
        if tier and scene.colours.of(function) is None and queries_a_database(scene, function):
            shared.setdefault(tier, []).append(function)
            alone.setdefault(shared[tier][0], shared[tier])
        else:
            alone[function] = [function]
    for first, together in alone.items():
        yield _functions(scene, together, scene.place(first.blocks("vpc_config")) or Place.CONTROL)


def endpoints(scene: Scene) -> Iterator[Node]:
    """All VPC endpoints in one box."""
    found = scene.stack.resources("aws_vpc_endpoint")
    kinds: dict[str, list[str]] = {}
    for endpoint in found:
        service = str(endpoint.get("service_name") or "").split(".", 3)[-1]
        kinds.setdefault(str(endpoint.get("vpc_endpoint_type") or "Gateway"), []).append(service)
    if found:
        lines = (f"{kind}: {', '.join(sorted(services))}" for kind, services in sorted(kinds.items()))
        yield scene.node(Kind.ENDPOINTS, Place.APPLICATION, "Endpoints of AWS's APIs", *lines, of=found)


def _purpose(scene: Scene, function: Block) -> str:
    if moves_traffic(scene, function):
        return "Switch function"
    rotations = scene.stack.referrers(function, "aws_secretsmanager_secret_rotation")
    return "Rotation function" if rotations else f"Function {scene.short(function)}"


def _functions(scene: Scene, together: list[Block], place: Place) -> Node:
    """One box, with what calls them by and what keeps their failed events."""
    queues = [q for f in together for q in scene.stack.referred(f.blocks("dead_letter_config"), QUEUE)]
    aliases = [alias for function in together for alias in scene.stack.referrers(function, ALIAS)]
    several = len(together) > 1
    runtimes = dict.fromkeys(str(function.get("runtime")) for function in together)
    longest = max((str(f.get("timeout") or 3) for f in together), key=lambda text: (len(text), text))
    return scene.node(
        Kind.FUNCTION,
        place,
        count(len(together), "function") if several else _purpose(scene, together[0]),
        ", ".join(map(scene.short, together)) if several else None,
        f"{', '.join(runtimes)}, {longest} s at most" + (", failed events queued" if queues else ""),
        of=[*together, *queues, *aliases],
        colour=scene.colours.of(together[0]),
        locked=[function for function in together if function.blocks("environment")],
    )


def _targets(scene: Scene, group: Block, colour: str, frame: Node) -> Node:
    protocol, port = group.get("protocol") or "HTTP", group.get("port") or ""
    kinds = {"ip": "addresses", "instance": "instances", "lambda": "a function", "alb": "a load balancer"}
    path = group.get("health_check.path")
    return scene.node(
        Kind.TARGETS,
        Place.APPLICATION,
        "Target group",
        f"{protocol} {port} to {kinds.get(str(group.get('target_type') or 'instance'), 'targets')}",
        f"healthy while {path} answers {group.get('health_check.matcher') or 200}" if path else None,
        of=[group],
        colour=colour,
        parent=frame,
    )


def _tasks(scene: Scene, service: Block, colour: str, frame: Node) -> Node:
    tasks = scene.stack.referred(service.get("task_definition"), "aws_ecs_task_definition")
    clusters = scene.stack.referred(service.get("cluster"), "aws_ecs_cluster")
    own = [cluster for cluster in clusters if scene.colours.of(cluster) == colour]
    targets, behind = _scaling(scene, service)
    bounds = [f"{target.get('min_capacity')} to {target.get('max_capacity')}" for target in targets]
    size = [str(tasks[0].get(key)) for key in ("cpu", "memory")] if tasks else []
    known = size and all(map(str.isdecimal, size))
    return scene.node(
        Kind.TASKS,
        Place.APPLICATION,
        f"ECS service{' on Fargate' if _fargate(service) else ''}",
        f"{bounds[0] if bounds else service.get('desired_count') or 1} tasks",
        "{:g} vCPU, {:g} GB each".format(*(int(part) / 1024 for part in size)) if known else None,
        "in a cluster of its own" if own else None,
        of=[service, *tasks, *own, *targets, *behind],
        colour=colour,
        parent=frame,
    )


def _scaling(scene: Scene, service: Block) -> tuple[list[Block], list[Block]]:
    """The scaling of a service: how far, and by what."""
    stack = scene.stack
    of_service = {*stack.referrers(service, *SCALING)}
    targets = [target for target in stack.resources(SCALING[0]) if target in of_service]
    behind = {rule for target in targets for rule in stack.referrers(target, *SCALING[1:])} | of_service
    return targets, [rule for rule in stack.resources(*SCALING[1:]) if rule in behind]


def _fargate(service: Block) -> bool:
    strategies = [block.get("capacity_provider") for block in service.blocks("capacity_provider_strategy")]
    return service.get("launch_type") == "FARGATE" or any("FARGATE" in str(s) for s in strategies)


def _role(scene: Scene, role: Block, colour: str, frame: Node) -> Node:
    documents = len(policies(scene, role))
    return scene.node(
        Kind.ROLE,
        Place.APPLICATION,
        f"Role {scene.short(role)}",
        f"{count(documents, 'policy')}, taken on by {assumed_by(role)}",
        of=[role],
        colour=colour,
        parent=frame,
    )
