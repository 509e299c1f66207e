"""Parses Terraform's expressions and templates into trees. Linear in the length of the text.

Source: HCL specification, "HCL Native Syntax Specification", Expressions and Templates. Not parsed: heredocs
and template directives (`%{ … }`), rare in JSON: ExpressionError, as for what is no expression.
"""

import re
from dataclasses import dataclass
from typing import Any

from stack_gate.remembered import remembered

_TOKEN = re.compile(
    r"\s+|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][\w-]*)"
    r'|(?P<quote>")|(?P<op>\.\.\.|==|!=|<=|>=|&&|\|\||=>|[-+*/%<>!?:.,=()\[\]{}])'
)
_PRECEDENCE = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6,
    "%": 6,
}  # fmt: skip
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_CONSTANTS = {"true": True, "false": False, "null": None}
DEEPEST = 60  # levels; deeper text is refused, so that none overflows the stack


class ExpressionError(ValueError):
    """The text is no expression that this parser knows."""


@dataclass(frozen=True, slots=True)
class Node:
    """`kind`: constant, template, list, object, name, attribute, index, splat, call, not, negative, binary,
    conditional, for. `text`: as it is written, for a reference.
    """

    kind: str
    value: Any = None
    parts: tuple[Any, ...] = ()
    text: str = ""


@remembered
def template(text: str) -> Node:
    """The tree of a string of Terraform's JSON syntax, in which `${…}` is an expression."""
    parser = _Parser(text)
    return parser.template(end=None)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    # Templates

    def template(self, end: str | None) -> Node:
        """Up to an unescaped `end`, or the end of the text. Outside quotes JSON has undone the escapes."""
        parts: list[Any] = []
        literal: list[str] = []
        while True:
            if self._at >= len(self._text):
                if end:
                    raise ExpressionError("a string doesn't end")
                break
            step = self._literal(end)
            if step is None:
                self._at += 1
                break
            if step:
                literal.append(step)
                continue
            self._at += 2
            if literal:
                parts.append("".join(literal))
                literal = []
            parts.append(self.expression())
            self._take("}")
        if literal:
            parts.append("".join(literal))
        if len(parts) == 1 and isinstance(parts[0], Node):
            return parts[0] if end is None else Node("template", parts=(*parts,))
        return Node("template", parts=tuple(parts))

    def _literal(self, end: str | None) -> str | None:
        """A piece of text; "" where an expression begins; None at the end."""
        text, at = self._text, self._at
        if text.startswith(("$${", "%%{"), at):
            self._at += 3
            return text[at + 1 : at + 3]
        if text.startswith("${", at):
            return ""
        if text.startswith("%{", at):
            raise ExpressionError("a template directive")
        if end and text[at] == end:
            return None
        if end and text[at] == "\\":
            self._at += 2
            if (escaped := _ESCAPES.get(text[at + 1 : at + 2])) is None:
                raise ExpressionError("an unknown escape")
            return escaped
        stop = re.compile(r'[$%"\\]' if end else r"[$%]").search(text, at + 1)
        self._at = stop.start() if stop else len(text)
        return text[at : self._at]

    # Tokens

    def _peek(self) -> tuple[str, str, int]:
        """Kind, text and end of the next token."""
        at = self._at
        while True:
            match = _TOKEN.match(self._text, at)
            if match is None:
                return "end", "", at
            at = match.end()
            if match.lastgroup:
                return match.lastgroup, match[0], at

    def _next(self) -> tuple[str, str]:
        kind, text, self._at = self._peek()
        return kind, text

    def _is(self, *texts: str) -> bool:
        kind, text, end = self._peek()
        if kind in ("op", "name") and text in texts:
            self._at = end
            return True
        return False

    def _take(self, text: str) -> None:
        if not self._is(text):
            raise ExpressionError(f"{text} is missing")

    # Expressions

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError("nested too deeply")
        condition = self._binary(0)
        if self._is("?"):
            chosen = self.expression()
            self._take(":")
            condition = Node("conditional", parts=(condition, chosen, self.expression()))
        self._depth -= 1
        return condition

    def _binary(self, lowest: int) -> Node:
        left = self._unary()
        while True:
            kind, text, end = self._peek()
            level = _PRECEDENCE.get(text, 0) if kind == "op" else 0
            if level <= lowest:
                return left
            self._at = end
            left = Node("binary", text, (left, self._binary(level)))

    def _unary(self) -> Node:
        signs = []
        while (found := self._peek())[1] in ("!", "-") and found[0] == "op":
            signs.append(self._next()[1])
        node = self._postfix()
        for sign in reversed(signs):
            node = Node("not" if sign == "!" else "negative", parts=(node,))
        return node

    def _postfix(self) -> Node:
        self._peek()
        start = self._start()
        node = self._primary()
        while True:
            if self._is("."):
                kind, text = self._next()
                if kind == "op" and text == "*":
                    node = Node("splat", parts=(node,))
                elif kind in ("name", "number"):
                    key: Any = text if kind == "name" else int(text) if text.isdecimal() else None
                    if key is None:
                        raise ExpressionError("an index that is no whole number")
                    node = Node("attribute", key, (node,))
                else:
                    raise ExpressionError("an attribute without a name")
            elif self._is("["):
                if self._is("*"):
                    node = Node("splat", parts=(node,))
                else:
                    node = Node("index", parts=(node, self.expression()))
                self._take("]")
            else:
                return Node(node.kind, node.value, node.parts, self._text[start : self._at].strip())

    def _start(self) -> int:
        _, text, end = self._peek()
        return end - len(text)

    def _primary(self) -> Node:  # noqa: PLR0911 - a case a kind
        kind, text = self._next()
        if kind == "number":
            number = float(text)
            return Node("constant", int(text) if text.isdecimal() else number)
        if kind == "quote":
            return self.template(end='"')
        if kind == "name":
            if self._is("("):
                return self._call(text)
            return Node("constant", _CONSTANTS[text]) if text in _CONSTANTS else Node("name", text)
        if text == "(":
            inner = self.expression()
            self._take(")")
            return inner
        if text == "[":
            return self._for("]") if self._peek()[1] == "for" else self._list()
        if text == "{":
            return self._for("}") if self._peek()[1] == "for" else self._object()
        raise ExpressionError("no expression")

    def _call(self, name: str) -> Node:
        arguments, spread = [], False
        while not self._is(")"):
            arguments.append(self.expression())
            spread = self._is("...")
            if not self._is(","):
                self._take(")")
                break
        return Node("call", (name, spread), tuple(arguments))

    def _list(self) -> Node:
        items = []
        while not self._is("]"):
            items.append(self.expression())
            if not self._is(","):
                self._take("]")
                break
        return Node("list", parts=tuple(items))

    def _object(self) -> Node:
        pairs = []
        while not self._is("}"):
            key = self.expression()
            if key.kind == "name":
                key = Node("constant", key.value)
            if not self._is("=", ":"):
                raise ExpressionError("an object without values")
            pairs.append((key, self.expression()))
            self._is(",")
        return Node("object", parts=tuple(pairs))

    def _for(self, end: str) -> Node:
        self._take("for")
        names = [self._name()]
        if self._is(","):
            names.append(self._name())
        self._take("in")
        collection = self.expression()
        self._take(":")
        first = self.expression()
        second, grouped = None, False
        if end == "}":
            self._take("=>")
            second = self.expression()
            grouped = self._is("...")
        condition = self.expression() if self._is("if") else None
        self._take(end)
        return Node("for", (tuple(names), grouped), (collection, first, second, condition))

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            raise ExpressionError("a name is missing")
        return text
