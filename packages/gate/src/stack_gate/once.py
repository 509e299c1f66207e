"""Work that Checkov does again and again, done once. What comes of it is the same.

Of the time that a graph takes, most goes into making the tables of one parser anew for each expression that
it parses, and much of the rest into evaluating the same expressions again.
"""

from copy import deepcopy
from functools import cache, lru_cache
from typing import Any

import ply.yacc  # type: ignore[import-untyped]
from bc_jsonpath_ng.ext.parser import ExtentedJsonPathParser
from bc_jsonpath_ng.parser import IteratorToTokenStream
from checkov.common.checks_infra.solvers.attribute_solvers import base_attribute_solver
from checkov.common.graph.graph_builder.graph_components import blocks
from checkov.terraform.graph_builder.local_graph import TerraformLocalGraph
from checkov.terraform.graph_builder.variable_rendering import evaluate_terraform, safe_eval_functions

_REMEMBERED = 20_000  # expressions


@cache
def _parser() -> tuple[Any, Any]:
    """The parser of JSONPath and its grammar, in tables. It keeps nothing from one parse to the next."""
    grammar = ExtentedJsonPathParser()  # type: ignore[no-untyped-call]
    return grammar, ply.yacc.yacc(module=grammar, debug=False, write_tables=False, start="jsonpath")


def parse(path: str) -> Any:
    """As `bc_jsonpath_ng.ext.parse`."""
    grammar, parser = _parser()
    tokens = IteratorToTokenStream(grammar.lexer_class().tokenize(path))  # type: ignore[no-untyped-call]
    return parser.parse(lexer=tokens)


_evaluate = evaluate_terraform.evaluate_terraform
_evaluated = lru_cache(_REMEMBERED)(_evaluate)


def evaluate(value: Any, keep_interpolations: bool = True) -> Any:
    """As Checkov's `evaluate_terraform`."""
    if not isinstance(value, str):  # to a cache, 1 and True are the same
        return _evaluate(value, keep_interpolations)
    return deepcopy(_evaluated(value, keep_interpolations))


_pairs = evaluate_terraform.find_brackets_pairs


def bracket_pairs(text: str, opening: str, closing: str) -> list[dict[str, int]]:
    """As Checkov's `find_brackets_pairs`, which goes through each text a character at a time."""
    found: list[dict[str, int]] = (
        _pairs(text, opening, closing) if opening in text and closing in text else []
    )
    return found


_KEPT = "_attributes_of_vertices"
_update = TerraformLocalGraph.update_vertex_attribute


def attributes(graph: Any, index: int, add_hash: bool = True) -> dict[str, Any]:
    """As `LocalGraph.get_vertex_attributes_by_index`, which makes the dict, nested attributes too, anew for
    each reference to a vertex. Kept until an attribute of the vertex changes.
    """
    kept = vars(graph).setdefault(_KEPT, {})
    if (index, add_hash) not in kept:
        kept[index, add_hash] = graph.vertices[index].get_attribute_dict(add_hash)
    found: dict[str, Any] = kept[index, add_hash]
    return found


def update(graph: Any, vertex_index: int, *arguments: Any, **named: Any) -> None:
    """As `LocalGraph.update_vertex_attribute`."""
    for add_hash in (False, True):
        vars(graph).get(_KEPT, {}).pop((vertex_index, add_hash), None)
    _update(graph, vertex_index, *arguments, **named)


_possible = TerraformLocalGraph._get_possible_vertices
_INDEXED = "_has_indexed_names"


def possible_vertices(graph: Any, module: Any, kind: str, name: str) -> list[int]:
    """As `TerraformLocalGraph._get_possible_vertices`, which looks through all names for one with an index
    whenever it does not find one. Whether there are any is looked up once for each number of names.
    """
    names = graph.vertices_by_module_dependency_by_name.get(module, {}).get(kind, {})
    known = vars(graph).setdefault(_INDEXED, {})
    key = (id(names), len(names))
    if key not in known:
        known[key] = any("[" in other for other in names)
    if not known[key] and "[" not in name:
        found: list[int] = names.get(name, [])
        return found
    return _possible(graph, module, kind, name)


_make = safe_eval_functions.get_asteval


@cache
def _interpreter() -> Any:
    return _make()


def interpreter() -> Any:
    """As Checkov's `get_asteval`, which makes one for each expression. Evaluating resets its errors."""
    found = _interpreter()
    found.retval = found._interrupt = None
    found.error = []
    return found


def install() -> None:
    """Puts them in the place of Checkov's own, in this process."""
    for module in (base_attribute_solver, blocks):
        vars(module).update(parse=parse)
    vars(evaluate_terraform).update(evaluate_terraform=evaluate, find_brackets_pairs=bracket_pairs)
    vars(safe_eval_functions).update(get_asteval=interpreter)
    for name, method in (
        ("get_vertex_attributes_by_index", attributes),
        ("update_vertex_attribute", update),
        ("_get_possible_vertices", possible_vertices),
    ):
        setattr(TerraformLocalGraph, name, method)
