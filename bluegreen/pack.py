"""The platform's own policies: the data that the gate is given where no other pack is named."""

from pathlib import Path

PACK = Path(__file__).resolve().parents[1] / "policies"
