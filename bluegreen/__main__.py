"""`python -m bluegreen`."""

from bluegreen.cli.app import main

main()
