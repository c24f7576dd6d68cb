"""Every line that the log can say, told by the calls in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import watchcall

SOURCE = Path(watchcall.__file__).parent
LOGGERS = {"log", "logger", "wire"}
LEVELS = {
    **{name: name for name in ("debug", "info", "warning", "error", "critical")},
    "exception": "error",
    "log": "",  # the level is an argument: not known before the line is said
}
VALUE = re.compile(r"%[-+#0 ]*[0-9]*(?:\.[0-9]+)?[sdrf]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the log.

    text:  what is logged, with its % for values; None where all of it is a value
    level: "" where it depends
    """

    text: str | None
    level: str
    where: str

    @property
    def shape(self) -> re.Pattern[str]:
        """Match what the line looks like when it is said."""
        words = VALUE.split((self.text or "%s").replace("%%", "\0"))
        return re.compile(".+".join(re.escape(one.replace("\0", "%")) for one in words))


def lines() -> list[Line]:
    """Return all lines in the order of the source."""
    return [one for path in sorted(SOURCE.rglob("*.py")) for one in _lines_of(path)]


def _lines_of(path: Path) -> Iterator[Line]:
    tree = ast.parse(path.read_text("utf-8"))
    functions = [one for one in ast.walk(tree) if isinstance(one, _FUNCTIONS)]
    for function in functions:
        for call in ast.walk(function):
            if (level := _level(call)) is not None:
                assert isinstance(call, ast.Call)
                where = f"{path.relative_to(SOURCE)}:{call.lineno}"
                for text in _texts(call, function, tree):
                    yield Line(text=text, level=level, where=where)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _level(node: ast.AST) -> str | None:
    """Return the level of a call of a logger, None where it is none."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=logger), attr=how)):
            return LEVELS.get(how) if logger in LOGGERS else None
    return None


def _texts(call: ast.Call, function: ast.AST, tree: ast.AST) -> list[str | None]:
    """Return what a call says: a text, or what its variable can be."""
    assert isinstance(call.func, ast.Attribute)
    said = call.args[1 if call.func.attr == "log" else 0]
    match said:
        case ast.Constant(value=str(text)):
            return [None if text == "%s" else text]
        case ast.Name(id=name):
            given = [*_assigned(name, function), *_passed(name, function, tree)]
            assert given, f"what does {name} say?"
            return [*given]
    raise AssertionError(f"line {call.lineno}: what does {ast.unparse(said)} say?")


def _assigned(name: str, function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant(value=str(text))):
                if target == name:
                    yield text


def _passed(name: str, function: ast.AST, tree: ast.AST) -> Iterator[str]:
    """Yield what the callers of a function that only logs give it to say."""
    assert isinstance(function, _FUNCTIONS)
    if name not in [one.arg for one in function.args.args]:
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=called), args=[ast.Constant(value=str(text)), *_]):
                if called == function.name:
                    yield text
