"""Runs every measurement; exit code 1 if a target is missed."""

import sys

from bench import synthesis

sys.exit(synthesis.main(sys.argv[1:]))
