"""What runs a colour: ECS on Fargate. `container.py` says how a container is run, `roles.py` what it may do,
`scaling.py` how many there are; `construct.py` composes.
"""

from modules.fargate.construct import FargateService

__all__ = ["FargateService"]
