"""What a resource says of its colour agrees, in its tags and its name."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack, strings
from stack_gate.stack.colours import said_colours

from policies._policy import StackPolicy

_NAMES = ("alarm_name", "cluster_identifier", "family", "function_name", "identifier", "name")


class ColoursAreToldOnce(StackPolicy):
    policy = "CKV2_BG_454"
    title = "The tags and the name of a resource tell the same colour"
    requirement = None
    pci = "12.5.1"
    severity = "MEDIUM"
    yields = True
    why = "Operators, policies and costs take one colour for the other, in the middle of a shift"
    fix = "set the tag to the colour that the name has"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources():
            tags = said_colours(strings(block.blocks("tags")))
            names = said_colours(
                [text for name in _NAMES for text in strings(block.get(name)) if "${" not in text]
            )
            said = [said_colours([str(block.get(f"tags.{tag}") or "")]) for tag in ("Colour", "Name")]
            if all(len(colours) == 1 for colours in said) and said[0] != said[1]:
                yield block, f"is {min(said[1])} by its tag Name, and {min(said[0])} by its tag Colour"
            if len(tags) == len(names) == 1 and tags != names:
                yield block, f"is {min(names)} by its name, and {min(tags)} by its tags"


check = ColoursAreToldOnce()
