"""`python -m tools.permissions` records the permissions anew, which takes a quarter of an hour; `--page` only
writes docs/permissions.md.
"""

import sys
import tempfile
from pathlib import Path

from safe_io import notice

from bluegreen.permissions.recording import FILE, save
from tools.permissions.lifecycle import Life
from tools.permissions.page import PAGE, page

if "--page" not in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as directory:
        rows = Life(Path(directory), notice).record()
    save(rows)
    notice(f"{len(rows)} permissions written to {FILE}")
PAGE.write_text(page(), encoding="utf-8")
