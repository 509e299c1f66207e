"""What runs a colour: ECS on Fargate. `task_definition.py` and `container.py` say what a task is, `roles.py`
what it may do, `scaling.py` how many there are; `construct.py` composes.
"""

from modules.compute.fargate import FargateService
from modules.compute.surroundings import Surroundings

__all__ = ["FargateService", "Surroundings"]
