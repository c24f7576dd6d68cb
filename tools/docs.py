"""`make docs`: writes the pages of the reference that the code itself dictates.

tests/docs/test_reference.py says where they are not what this would write.
"""

from __future__ import annotations

from pathlib import Path

from tools import commands, configuration

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
PAGES = {
    "configuration.md": configuration.page,
    "commands.md": commands.page,
}


def main() -> None:
    for name, page in PAGES.items():
        path = REFERENCE / name
        path.write_text(page(), "utf-8")
        print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


if __name__ == "__main__":
    main()
