"""Plans between their making and their approval: exactly what was approved is what is applied.

A plan is named by the SHA-256 of its bundle: the plan file and the stack that it was made from, whose
packages an apply needs, too. It waits beside the state, where only who may read the state can read it: a plan
quotes the state in clear.
"""

from bluegreen.terraform.plans.bundle import DOCUMENT, PLAN_FILE, pack, unpack
from bluegreen.terraform.plans.changes import Changed, KeptImage, changes, kept_images
from bluegreen.terraform.plans.errors import PlanBundleError
from bluegreen.terraform.plans.store import BesideLocalState, InStateBucket, PlanStore

__all__ = [
    "DOCUMENT",
    "PLAN_FILE",
    "BesideLocalState",
    "Changed",
    "InStateBucket",
    "KeptImage",
    "PlanBundleError",
    "PlanStore",
    "changes",
    "kept_images",
    "pack",
    "unpack",
]
