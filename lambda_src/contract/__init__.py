"""What the switch function, the state machine and the command line agree on, written once.

Standard library only: it is in the package of each function, and constructs and command line import it. The
state machine's retries, exit codes and docs/errors.md are made of `errors`; the table of metrics and docs of
`gates`.
"""
