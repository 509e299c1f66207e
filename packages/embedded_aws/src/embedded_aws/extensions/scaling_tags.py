"""Stock moto has no tags of scalable targets: Terraform, which reads them, waits for minutes and fails."""

import json
from collections.abc import Callable

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from embedded_aws.extensions import Server, replace

TAGS = "bluegreen_tags"  # ARN → tags, kept on moto's backend: reset together with it


def install(_: Server) -> None:
    """Extend moto's auto scaling. Moto dispatches by the operation's name."""
    replace(ApplicationAutoScalingResponse, "register_scalable_target", _register)
    for name, method in {
        "list_tags_for_resource": _list_tags,
        "tag_resource": _tag,
        "untag_resource": _untag,
    }.items():
        setattr(ApplicationAutoScalingResponse, name, method)


def _register(
    stock: Callable[[ApplicationAutoScalingResponse], str], response: ApplicationAutoScalingResponse
) -> str:
    answer = stock(response)
    request = json.loads(response.body)
    tags = vars(response.applicationautoscaling_backend).setdefault(TAGS, {})
    tags.setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(request.get("Tags") or {})
    return answer


def _list_tags(response: ApplicationAutoScalingResponse) -> str:
    return json.dumps({"Tags": _tags(response)})


def _tag(response: ApplicationAutoScalingResponse) -> str:
    _tags(response).update(json.loads(response.body)["Tags"])
    return "{}"


def _untag(response: ApplicationAutoScalingResponse) -> str:
    tags = _tags(response)
    for key in json.loads(response.body)["TagKeys"]:
        tags.pop(key, None)
    return "{}"


def _tags(response: ApplicationAutoScalingResponse) -> dict[str, str]:
    """Those of the target that the request names, to be changed in place."""
    backend: ApplicationAutoscalingBackend = response.applicationautoscaling_backend
    arn = str(json.loads(response.body)["ResourceARN"])
    if not any(arn == target.arn for targets in backend.targets.values() for target in targets.values()):
        raise AWSValidationException(f"There is no scalable target {arn}")
    tags: dict[str, str] = vars(backend).setdefault(TAGS, {}).setdefault(arn, {})
    return tags
