"""What to say about a check besides its verdict. Checkov's own have no severity without an account."""

import re
from collections.abc import Iterable
from typing import Any

from checkov.version import version

from stack_gate.report import Severity

SOURCES = f"https://github.com/bridgecrewio/checkov/blob/{version}"

# The built-in checks that are not MEDIUM. Exposure to the world, secrets, full administration: CRITICAL;
# encryption, audit, access to data: HIGH; tidiness: LOW.
_CRITICAL = (
    "CKV_AWS_1 CKV_AWS_17 CKV_AWS_20 CKV_AWS_24 CKV_AWS_25 CKV_AWS_32 CKV_AWS_33 CKV_AWS_41 CKV_AWS_45 "
    "CKV_AWS_46 CKV_AWS_57 CKV_AWS_60 CKV_AWS_62 CKV_AWS_63 CKV_AWS_70 CKV_AWS_88 CKV_AWS_89 "
    "CKV_AWS_168 CKV_AWS_169 CKV_AWS_277 CKV_AWS_283 CKV_AWS_301 CKV2_AWS_40"
)
_HIGH = (
    "CKV_AWS_2 CKV_AWS_3 CKV_AWS_7 CKV_AWS_16 CKV_AWS_19 CKV_AWS_26 CKV_AWS_27 CKV_AWS_28 CKV_AWS_35 "
    "CKV_AWS_53 CKV_AWS_54 CKV_AWS_55 CKV_AWS_56 CKV_AWS_61 CKV_AWS_66 CKV_AWS_67 CKV_AWS_91 CKV_AWS_96 "
    "CKV_AWS_103 CKV_AWS_107 CKV_AWS_108 CKV_AWS_109 CKV_AWS_110 CKV_AWS_111 CKV_AWS_117 CKV_AWS_119 "
    "CKV_AWS_133 CKV_AWS_145 CKV_AWS_149 CKV_AWS_158 CKV_AWS_161 CKV_AWS_162 CKV_AWS_166 CKV_AWS_173 "
    "CKV_AWS_260 CKV_AWS_286 CKV_AWS_287 CKV_AWS_288 CKV_AWS_289 CKV_AWS_290 CKV_AWS_324 CKV_AWS_325 "
    "CKV_AWS_327 CKV_AWS_355 CKV_AWS_356 CKV_AWS_379 CKV2_AWS_6 CKV2_AWS_8 CKV2_AWS_11 CKV2_AWS_12 "
    "CKV2_AWS_20 CKV2_AWS_28 CKV2_AWS_57 CKV2_AWS_64"
)
_LOW = "CKV_AWS_23 CKV_AWS_115 CKV_AWS_144 CKV_AWS_313 CKV2_AWS_5 CKV2_AWS_61 CKV2_AWS_62"
SEVERITIES = (
    dict.fromkeys(_CRITICAL.split(), Severity.CRITICAL)
    | dict.fromkeys(_HIGH.split(), Severity.HIGH)
    | dict.fromkeys(_LOW.split(), Severity.LOW)
)


def severity(check: Any) -> Severity:
    """The check's own (a name, or Checkov's Severity), else the table's, else MEDIUM."""
    own = str(
        check.severity or getattr(type(check), "severity", "")
    ).upper()  # Checkov sets None on instances
    return Severity(own) if own in Severity.__members__ else SEVERITIES.get(check.id, Severity.MEDIUM)


def requirement(check: Any) -> str | None:
    """R…, of a check of the pack."""
    return getattr(check, "requirement", None)


def guideline(check: Any) -> str | None:
    """Where to read more: the check's own guideline, else, of a built-in one, its source."""
    if check.guideline:
        return str(check.guideline)
    if path := getattr(check, "check_path", ""):
        _, found, inside = path.partition("/checkov/terraform/")
        return f"{SOURCES}/checkov/terraform/{inside}" if found else None
    module = type(check).__module__
    return f"{SOURCES}/{module.replace('.', '/')}.py" if module.startswith("checkov.") else None


def fix(check: Any, looked_at: Iterable[str] | None = None) -> str:
    """How to fix what the check found: its own words, else the arguments that it looked at there."""
    if own := getattr(check, "fix", None):
        return str(own)
    is_graph_check = not hasattr(
        check, "supported_entities"
    )  # whose keys are of all the blocks that it connects
    if looked_at is None:
        looked_at = () if is_graph_check else filter(None, check.get_evaluated_keys())
    keys = {_argument(key) for key in looked_at}
    what = f"set {' or '.join(sorted(keys))} so that it holds" if keys else "make it so"
    return f"{what}; or waive it there, with a reason and an expiry date"


def _argument(key: str) -> str:
    return re.sub(r"/?\[\d+\]", "", key).replace("/", ".")
