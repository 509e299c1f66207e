"""`python -m tools.gate_mutants [N]` records the score of N mutants of `local` anew.

2,300 are one mutant of each argument, and a second one of some: ten minutes of processor time. 5,100 are each
operator on each argument. `make generated` shows the score in docs/quality.md.
"""

import json
import sys
from datetime import UTC, datetime

from safe_io import notice
from stack_gate.mutation import mutate

from bluegreen.pack import PACK
from tools.gate_mutants.page import FILE, ROOT

SAMPLE = 2_300

found = mutate(
    ROOT / "cdktf.out" / "stacks" / "local",
    policies=PACK,
    today=datetime.now(UTC).date(),
    sample=int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE,
    progress=lambda done, total: None if done % 100 else notice(f"{done} of {total}"),
)
FILE.write_text(json.dumps(found.content(), indent=1) + "\n", encoding="utf-8")
sys.exit(2 if found.errors else 0)
