"""Doors with names: few arguments, none that is never read, and no number of the economy in a function."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "sim"
MOST = 8  # positional parameters of a function
FREE = (0, 1, 2, 4)  # numbers that are arithmetic, 4 the quarters of a year; all others have a name
DRAWS = {
    "uniform",
    "normal",
    "gumbel",
    "uniforms",
    "normals",
    "uniforms_at",
    "several",
    "look",
}  # the last argument numbers a draw


def functions():
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.Lambda)):
                yield path.relative_to(PACKAGE).as_posix(), node


def name(node):
    return getattr(node, "name", "lambda")


def positional(node):
    return [one.arg for one in (*node.args.posonlyargs, *node.args.args)]


def test_no_function_takes_more_than_a_few_arguments():
    many = [
        f"{path}: {name(node)} takes {len(positional(node))}"
        for path, node in functions()
        if len(positional(node)) > MOST
    ]
    assert many == []


ASKED_OF_EVERY_POLICY = {"act", "check", "excludes"}  # not every policy answers with all that it is told


def test_no_argument_is_never_read():
    """A name that begins with an underscore says that a caller of another library passes it."""
    unread = []
    for path, node in functions():
        if path.startswith(("policies/", "shocks/")) and name(node) in ASKED_OF_EVERY_POLICY:
            continue
        body = node.body if isinstance(node.body, list) else [node.body]
        read = {inner.id for part in body for inner in ast.walk(part) if isinstance(inner, ast.Name)}
        taken = {*positional(node), *(one.arg for one in node.args.kwonlyargs)} - {"self", "cls"}
        unread += [f"{path}: {name(node)}({one})" for one in sorted(taken - read) if not one.startswith("_")]
    assert unread == []


def numbers(tree):
    """(line, number) of each number within the functions of a module that is no arithmetic."""
    free = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) in DRAWS
            and node.args
        ):
            free |= {id(inner) for inner in ast.walk(node.args[-1])}
        if isinstance(node, (ast.Subscript, ast.BinOp)) and isinstance(
            getattr(node, "op", None), (ast.LShift, ast.RShift, type(None))
        ):
            inside = node.slice if isinstance(node, ast.Subscript) else node.right
            free |= {id(inner) for inner in ast.walk(inside)}
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and getattr(node.right, "value", None) == 0.5:
            free.add(id(node.right))  # rounding
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
                if number and id(node) not in free and node.value not in FREE:
                    yield node.lineno, node.value


@pytest.mark.parametrize("path", sorted((PACKAGE / "mechanisms").rglob("*.py")), ids=lambda path: path.stem)
def test_numbers_of_the_economy_have_a_name(path):
    """They stand in yaml with bounds and source, or are constants of the module, marked as assumptions."""
    found = sorted(set(numbers(ast.parse(path.read_text("utf-8")))))
    assert [f"line {line}: {value}" for line, value in found] == []


def test_levers_without_axes_are_numbers():
    zero = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Attribute)
        and getattr(node.value.value, "attr", getattr(node.value.value, "id", "")) in ("levers", "foreseen")
        and getattr(node.slice, "value", None) == 0
    ]
    assert zero == []
