"""The gate on stacks that this project did not write: counts, and every finding to be read once."""
