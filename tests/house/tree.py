"""Which files does the house consist of?"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE = {"__pycache__", "node_modules"}
"""Directories of what is made from the rest; so are those whose names begin with a dot, but for that of CI."""


def text_files() -> Iterator[Path]:
    """All that people wrote, relative to the root."""
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        hidden = [part for part in relative.parts[:-1] if part.startswith(".") and part != ".ci"]
        if path.is_file() and not hidden and not MADE & set(relative.parts) and _is_text(path):
            yield relative


def _is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:4096]


def modules(*folders: str) -> Iterator[Path]:
    """The Python files below these folders, relative to the root."""
    for folder in folders:
        yield from (path.relative_to(ROOT) for path in sorted((ROOT / folder).rglob("*.py")))


def first_words(module: Path) -> str:
    """The first paragraph of its docstring."""
    docstring = ast.get_docstring(ast.parse((ROOT / module).read_text("utf-8"))) or ""
    return docstring.partition("\n\n")[0]
