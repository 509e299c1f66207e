"""What `scripts/bluegreen` runs: the command line of the checkout that this file is in."""

import signal
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # `main` handles it; the imports have nothing to end
    sys.path.insert(0, str(CHECKOUT))
    from bluegreen.cli.app import main

    main(CHECKOUT)
