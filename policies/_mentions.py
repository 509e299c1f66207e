"""Whether Python source can name something at all, without parsing it: libraries in packages are megabytes.

Python reads an identifier by its compatible form (Language reference, "Identifiers and keywords", NFKC), and
puts a string together of adjacent literals, of continued lines and of escapes ("String and Bytes literals").
Where none of that can come to the name, no syntax tree has it.
"""

import re
import unicodedata
from functools import lru_cache

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(N)\{)")
# Between two letters of a name: the end of a literal and the next one's beginning, or a line that goes on.
_GAP = r"""(?:["']{1,6}(?:\s|\\\n|\#[^\n]*\n)*[a-zA-Z]{0,2}["']{1,6}|\\\n)*"""


def can_name(source: str, name: str) -> bool:
    """False only where parsing finds the name neither as an identifier nor as a string."""
    text = (source if source.isascii() else unicodedata.normalize("NFKC", source)).replace("\r\n", "\n")
    return _pattern(name).search(text) is not None or any(
        _may_be_of(escape, name) for escape in _ESCAPE.finditer(text)
    )


@lru_cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_GAP.join(map(re.escape, name)))


def _may_be_of(escape: re.Match[str], name: str) -> bool:
    *hexadecimal, octal, named = escape.groups()
    if named:
        return True
    digits = next((digits for digits in hexadecimal if digits), None)
    code = int(octal, 8) if digits is None else int(digits, 16)
    return code in map(ord, name)
