"""What `make bench` measures: speed, as ratios against a reference in the same run."""
