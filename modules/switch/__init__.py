"""The switch function, its permissions and control table, and the state machine that drives it."""
