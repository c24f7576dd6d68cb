"""How many SMS a text is."""

from __future__ import annotations

import pytest

from watchcall.simulator.segments import DEFAULT, EXTENSION, segments


@pytest.mark.parametrize(
    ("body", "count"),
    [
        pytest.param("", 1, id="nothing is one SMS nonetheless"),
        pytest.param("a" * 160, 1, id="160 letters fit into one"),
        pytest.param("a" * 161, 2, id="161 letters need two"),
        pytest.param("a" * 306, 2, id="two hold 153 each"),
        pytest.param("a" * 307, 3, id="and not one more"),
        pytest.param("é@£Ω" * 40, 1, id="accents of the default alphabet cost one"),
        pytest.param("€" * 80, 1, id="a euro costs two"),
        pytest.param("€" * 80 + "a", 2, id="so 80 euros leave no room"),
        pytest.param("a" * 152 + "€" + "a" * 152, 3, id="a euro is not split between two"),
        pytest.param("a" * 152 + "b€" + "a" * 151, 2, id="where it fits behind the cut, two do"),
        pytest.param("a" * 69 + "ê", 1, id="one letter beyond the alphabet makes it UCS-2"),
        pytest.param("a" * 70 + "ê", 2, id="of which 70 fit into one"),
        pytest.param("障" * 70, 1, id="70 kanji fit into one"),
        pytest.param("障" * 71, 2, id="71 kanji need two"),
        pytest.param("障" * 134, 2, id="two hold 67 each"),
        pytest.param("障" * 135, 3, id="and not one kanji more"),
        pytest.param("🔥" * 35, 1, id="an emoji costs two"),
        pytest.param("🔥" * 36, 2, id="so 36 need two"),
        pytest.param("🔥" * 67, 3, id="33 of them fit into each, not 33 and a half"),
        pytest.param("`", 1, id="a backtick is in neither table"),
        pytest.param("`" * 71, 2, id="and so makes it UCS-2"),
    ],
)
def test_a_text_takes(body: str, count: int) -> None:
    assert count == segments(body)


def test_the_tables_are_as_large_as_the_standard_s() -> None:
    """128 codes of the alphabet, of which one is the escape; ten characters behind it."""
    assert (len(DEFAULT), len(EXTENSION)) == (127, 10)
