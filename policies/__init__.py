"""What must hold: one Checkov check a file. `bluegreen policies` lists them, docs/policies.md explains."""
