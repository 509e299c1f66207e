"""The VPC, its endpoints, flow logs and security groups."""
