"""Load balancer, target groups, and how traffic is split between the colours."""
