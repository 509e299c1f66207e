"""A shift of traffic step by step, as its operator sees it: the plan, how it goes, how it ended.

The switch function decides and the state machine drives; nothing here moves traffic.
"""

from bluegreen.operate.shifting.follow import Observation, watch
from bluegreen.operate.shifting.outcome import Outcome, conclude
from bluegreen.operate.shifting.plan import Ledger, PlanError, ShiftPlan, parse_plan

__all__ = ["Ledger", "Observation", "Outcome", "PlanError", "ShiftPlan", "conclude", "parse_plan", "watch"]
