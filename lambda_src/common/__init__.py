"""What both functions need in the same form: errors, logs, settings. Standard library only."""
