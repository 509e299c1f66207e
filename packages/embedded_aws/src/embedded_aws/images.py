"""Names of container images in ECR."""

import re

# An image of an account's registry, by digest.
IMAGE = re.compile(r"(?P<registry>\d{12})\.dkr\.ecr\.[^/]+/(?P<repository>[^@:]+)@(?P<digest>sha256:\w{64})")
