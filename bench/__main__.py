"""Runs every measurement; exit code 1 if a target is missed."""

import sys

from bench import scan, switch, synthesis

sys.exit(max([synthesis.main(sys.argv[1:]), scan.main(), switch.main()]))
