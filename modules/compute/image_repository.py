"""Where the images of both colours are kept: a repository of the stack, or one that exists."""

import json

from cdktf_cdktf_provider_aws.ecr_lifecycle_policy import EcrLifecyclePolicy
from cdktf_cdktf_provider_aws.ecr_registry_scanning_configuration import (
    EcrRegistryScanningConfiguration,
    EcrRegistryScanningConfigurationRule,
    EcrRegistryScanningConfigurationRuleRepositoryFilter,
)
from cdktf_cdktf_provider_aws.ecr_repository import (
    EcrRepository,
    EcrRepositoryEncryptionConfiguration,
    EcrRepositoryImageScanningConfiguration,
)
from constructs import Construct

from modules.config import Deployment
from modules.config.fargate import Fargate
from modules.config.registry import parse_image
from modules.foundation.encryption import Encryption

KEPT_IMAGES = 500
UNTAGGED_DAYS = 90


class Images(Construct):
    """ECR repository under the platform's key: immutable tags, every image scanned when it is pushed.

    Tags may not be moved, and tasks name digests: what was scanned is what runs. An image that still runs is
    safe from the lifecycle policy as long as it has a tag and is none of the oldest beyond KEPT_IMAGES.
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        self._deployment = deployment
        self.repository = self._repository(encryption) if deployment.registry.create_repository else None

    def repository_arn(self, image: str) -> str:
        """ARN of the repository that an image reference is of."""
        if self.repository is not None:
            return self.repository.arn
        found = parse_image(image)
        return f"arn:aws:ecr:{found.region}:{found.account_id}:repository/{found.repository}"

    def repository_arns(self, settings: Fargate) -> list[str]:
        """ARNs of the repositories of the application's image and of the additional containers'."""
        own = self.repository_arn(settings.image)
        others = (parse_image(each.image) for each in settings.containers)
        made = self._deployment.prefix if self.repository is not None else ""
        return [
            own,
            *sorted(
                {
                    f"arn:aws:ecr:{each.region}:{each.account_id}:repository/{each.repository}"
                    for each in others
                    if each.repository != made
                }
                - {own}
            ),
        ]

    def _repository(self, encryption: Encryption) -> EcrRepository:
        name = self._deployment.prefix
        repository = EcrRepository(
            self,
            "repository",
            name=name,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=EcrRepositoryImageScanningConfiguration(scan_on_push=True),
            encryption_configuration=[
                EcrRepositoryEncryptionConfiguration(encryption_type="KMS", kms_key=encryption.key_arn)
            ],
            # Images that a rollback needs are not deleted with their repository.
            force_delete=False,
            tags={"Name": name},
        )
        if self._deployment.registry.enhanced_scanning:
            self._scan(name)
        EcrLifecyclePolicy(self, "lifecycle", repository=repository.name, policy=_lifecycle())
        return repository

    def _scan(self, name: str) -> None:
        """Source: Amazon ECR user guide, "Scan images for software vulnerabilities"."""
        own = EcrRegistryScanningConfigurationRuleRepositoryFilter(filter=name, filter_type="WILDCARD")
        rule = EcrRegistryScanningConfigurationRule(scan_frequency="CONTINUOUS_SCAN", repository_filter=[own])
        EcrRegistryScanningConfiguration(self, "scanning", scan_type="ENHANCED", rule=[rule])


def _lifecycle() -> str:
    """Source: Amazon ECR user guide, "Lifecycle policy properties in Amazon ECR"."""
    untagged = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": UNTAGGED_DAYS,
    }
    oldest = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT_IMAGES}
    rules = [
        {"rulePriority": 1, "description": "Layers of untagged builds", "selection": untagged},
        {"rulePriority": 2, "description": "The oldest releases", "selection": oldest},
    ]
    return json.dumps({"rules": [rule | {"action": {"type": "expire"}} for rule in rules]})
