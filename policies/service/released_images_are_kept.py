"""No lifecycle rule of a repository takes a running image away."""

import json
from collections.abc import Iterator

from stack_gate.stack import Block, listed, number, objects

from policies._policy import ResourcePolicy

_KEPT = 50  # images: a shift and the way back need two; a rollback weeks later needs the release of then


class ReleasedImagesAreKept(ResourcePolicy):
    policy = "CKV_BG_460"
    title = "Lifecycle rules of repositories expire untagged images, or what is beyond the newest fifty"
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    yields = True
    why = "Tasks of a release that has run for long can't be replaced or scaled out: its image is gone"
    fix = f"expire by imageCountMoreThan with a countNumber of {_KEPT} or more, or untagged images only"
    types = ("aws_ecr_lifecycle_policy",)

    def defects(self, resource: Block) -> Iterator[str]:
        """Source: Amazon ECR user guide, "Lifecycle policy properties"."""
        try:
            document = json.loads(str(resource.get("policy")))
        except ValueError:
            return  # another policy's finding
        for body in objects(document):
            for rule in objects(body.get("rules")):
                selection = next(iter(objects(rule.get("selection"))), {})
                if _is_of_releases(selection):
                    counted = selection.get("countType") == "imageCountMoreThan"
                    if not counted or (number(selection.get("countNumber")) or 0) < _KEPT:
                        how = f"{selection.get('countType')} {selection.get('countNumber')}"
                        yield f"expires images with any tag by {how}"


def _is_of_releases(selection: dict[str, object]) -> bool:
    """Whether it selects tagged images of every name."""
    patterns = listed(selection.get("tagPatternList"))
    return selection.get("tagStatus") == "any" or any(str(one).strip("*") == "" for one in patterns)


check = ReleasedImagesAreKept()
