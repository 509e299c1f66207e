"""What an Aurora instance class can bear: memory, and the connections that Aurora MySQL allows by default.

Source: Aurora user guide, "Hardware specifications for DB instance classes for Aurora" and "Maximum
connections to an Aurora MySQL DB instance".
"""

import re

INSTANCE_CLASS = re.compile(r"db\.(?P<family>[rx])\d[a-z]*\.(?P<size>\d*x?large)")
# GiB of the class `xlarge`; `large` has half of it, `2xlarge` twice, and so on.
XLARGE_GIB = {"r": 32, "x": 64}
SIZES = {
    "large": 0.5,
    "xlarge": 1,
    "2xlarge": 2,
    "4xlarge": 4,
    "8xlarge": 8,
    "12xlarge": 12,
    "16xlarge": 16,
    "24xlarge": 24,
    "48xlarge": 48,
}
# GiB → the default of `max_connections`, which follows the logarithm of the memory.
MAX_CONNECTIONS = {
    16: 1000,
    32: 2000,
    64: 3000,
    128: 4000,
    256: 5000,
    384: 6000,
    512: 6000,
    768: 7000,
    1024: 7000,
    1536: 8000,
}


def memory_gib(instance_class: str) -> int:
    """Memory of one instance in GiB. Raises ValueError for a class that isn't known."""
    match = INSTANCE_CLASS.fullmatch(instance_class)
    memory = SIZES.get(match["size"], 0) * XLARGE_GIB[match["family"]] if match else 0
    if memory not in MAX_CONNECTIONS:
        raise ValueError(
            f"{instance_class} is no instance class whose memory is known: "
            "thresholds of alarms depend on it (modules/config/instance_classes.py)"
        )
    return int(memory)


def max_connections(instance_class: str) -> int:
    """Connections that one instance takes, unless a parameter says otherwise. Raises ValueError as above."""
    return MAX_CONNECTIONS[memory_gib(instance_class)]


def default_connections(memory: int) -> int:
    """Connections that an instance with so much memory (GiB, 16 or more) takes by default."""
    return MAX_CONNECTIONS[max(known for known in MAX_CONNECTIONS if known <= memory)]
