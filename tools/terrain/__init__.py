"""The move to CDK Terrain, AWS provider 6 or OpenTofu, tested before it is needed."""
