"""What every other room builds on: the key, roles, logs, buckets, and the shape of the output."""
