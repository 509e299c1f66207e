"""The services of a local deployment: the example's own, a process of each colour."""
