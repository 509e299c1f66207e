"""Lengths, counts and times. Times in seconds."""

# Keeps the migration record below a standard SSM parameter's 4 KB, even with every character escaped.
REASON_LIMIT = 256
BY_LIMIT = 128
ID_LIMIT = 128
CAUSE_LIMIT = 2000
MAXIMUM_STEPS = 50
MAXIMUM_HISTORY = 50
DAY = 24 * 3600
# A standard workflow may run for a year; one that is not done in a month is forgotten, not in progress.
MONTH = 31 * DAY
# Beyond its bakes and approvals, what a workflow may take for each step before its deadline.
SECONDS_PER_STEP = 300
DEFAULT_APPROVAL_TIMEOUT = 3600
