"""What `scripts/bluegreen` runs: the command line of the checkout that this file is in."""

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))
    from bluegreen.cli.app import main

    main(CHECKOUT)
