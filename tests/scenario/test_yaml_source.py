from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from sim.scenario.errors import Problem, Problems
from sim.scenario.yaml_source import (
    LARGEST_FILE,
    Document,
    dotted,
    read_yaml,
)


def read(folder: Path, content: str | bytes) -> tuple[Document | None, list[Problem]]:
    path = folder / "file.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems = Problems()
    return read_yaml(path, problems), problems.found


def refusal(folder: Path, content: str | bytes) -> Problem:
    """The one problem of a file that is refused."""
    document, (problem,) = read(folder, content)
    assert document is None
    return problem


TEXTS = ["yes", "no", "Off", "2024-04-01", "12+", "1_000", "0x10", "1", "2", "true", "1e", "."]


def test_scalars_follow_the_core_rules_of_yaml_1_2(tmp_path: Path) -> None:
    text = """
    texts: [yes, no, Off, 2024-04-01, 12+, 1_000, 0x10, "1", '2', "true", 1e, .]
    numbers: [1, -2, +3, 1.5, .5, 2., 1e3, -1.5E-2, 007]
    words: [true, False, null, ~, ]
    nothing:
    """
    document, problems = read(tmp_path, text)
    assert not problems
    assert document is not None
    assert document.data == {
        "texts": TEXTS,
        "numbers": [1, -2, 3, 1.5, 0.5, 2.0, 1000.0, -0.015, 7],
        "words": [True, False, None, None],
        "nothing": None,
    }
    assert [type(n) for n in document.data["numbers"][:4]] == [int, int, int, float]


def test_keys_stay_text(tmp_path: Path) -> None:
    document, _ = read(tmp_path, "yes: 1\n7: 2\n2024-04-01: 3\nnull: 4\n<<: 5\n")
    assert document is not None
    assert list(document.data) == ["yes", "7", "2024-04-01", "null", "<<"]


def test_every_key_and_item_has_its_line(tmp_path: Path) -> None:
    text = "a: 1\nb:\n  c:\n    - 2\n    - d: 3\n      e: {f: 4,\n          g: 5}\n"
    document, _ = read(tmp_path, text)
    assert document is not None
    assert document.lines == {
        (): 1,
        ("a",): 1,
        ("b",): 2,
        ("b", "c"): 3,
        ("b", "c", 0): 4,
        ("b", "c", 1): 5,
        ("b", "c", 1, "d"): 5,
        ("b", "c", 1, "e"): 6,
        ("b", "c", 1, "e", "f"): 6,
        ("b", "c", 1, "e", "g"): 7,
    }
    assert document.line(("b", "tag of a validator", "c", 9)) == 3


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    document, _ = read(tmp_path, b"\xef\xbb\xbfname: x\r\nyears: 5\r\n")
    assert document is not None
    assert document.data == {"name": "x", "years": 5}


@pytest.mark.parametrize(
    ("content", "line", "given"),
    [
        ("", None, "the file is empty"),
        ("# only a comment\n", None, "the file is empty"),
        ("---\n", 2, "the file is empty"),
        ("- a\n- b\n", 1, "a list given"),
        ("text\n", 1, "'text' given"),
        (b"a: 1\nb: \xff\n", 2, "the file is not UTF-8 text"),
        ("a: 1".encode("utf-16"), 1, "the file is not UTF-8 text"),
        ("a: 1\nb: \x00\n", 2, "a control character ('\\x00')"),
        ("a:\n\tb: 1\n", 2, "a tab is used to indent"),
        ("a: 1\nb: c: d\n", 2, "a colon where none can stand"),
        ("a: 1\nb: 'text\n", 3, "a quotation mark is not closed (in what begins on line 2)"),
        ("a: [1, 2\nb: 3\n", 2, "a bracket or comma is missing (in what begins on line 1)"),
        ("a: 1\n  b: 2\n", 2, "a colon where none can stand"),
        ("a: 1\nb\n", 3, "a key without a colon (in what begins on line 2)"),
        ("a: *b\n", 1, "an alias (*b)"),
        ("a: 1\n? [b, c]\n: 2\n", 2, "a list used as a key"),
        ("a: 1\n? {b: c}\n: 2\n", 2, "a mapping used as a key"),
        ("a: 1\n---\nb: 2\n", 2, "a second document ('---') begins"),
        ("a: %x\n", 1, "text begins with a character of YAML"),
    ],
)
def test_a_file_that_cannot_be_read(
    tmp_path: Path, content: str | bytes, line: int | None, given: str
) -> None:
    problem = refusal(tmp_path, content)
    assert (problem.line, problem.given) == (line, given)


@pytest.mark.parametrize(
    ("content", "line", "key", "given"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "", "the key 'a' is repeated"),
        ("x:\n  y: {z: 1, z: 2}\n", 2, "x.y", "the key 'z' is repeated"),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            1,
            "",
            "a tag (!!python/object/apply:os.system)",
        ),
        ("a: !!int 5\n", 1, "", "a tag (!!int)"),
        ("a: !mine 5\n", 1, "", "a tag (!mine)"),
        ("!!map {a: 1}\n", 1, "", "a tag (!!map)"),
        ("a: &x 5\n", 1, "", "an anchor (&x)"),
    ],
)
def test_what_is_not_read_is_named(
    tmp_path: Path, content: str, line: int, key: str, given: str
) -> None:
    _, (problem,) = read(tmp_path, content)
    assert (problem.line, problem.key, problem.given) == (line, key, given)


def test_a_repeated_key_names_its_first_line(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, "a: 1\nb: 2\na: 3\n")
    assert problem.allowed == "it stands on line 1 already"


def test_a_bomb_of_aliases_does_not_go_off(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    document, problems = read(tmp_path, "\n".join(levels))
    assert document is None
    assert problems[-1].given == "an alias (*a0)"


@pytest.mark.parametrize("nest", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_deep_nesting_is_refused_without_a_stack_overflow(tmp_path: Path, nest: str) -> None:
    document, problems = read(tmp_path, "a:\n  " + nest * 100_000)
    assert document is None
    assert problems[-1].given in (
        "nested deeper than 20 levels",
        "a mapping used as a key",
    )


def test_twenty_levels_are_read(tmp_path: Path) -> None:
    document, problems = read(tmp_path, "{a: " * 20 + "1" + "}" * 20)
    assert not problems
    assert document is not None


def test_a_large_file_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*_: object, **__: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(yaml, "parse", parse)
    assert refusal(tmp_path, b"a" * (LARGEST_FILE + 1)).given == "the file is larger than 1 MB"


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    line = "# " + "x" * 97 + "\n"
    content = "name: x\n" + line * (LARGEST_FILE // len(line) - 1)
    content += "#" * (LARGEST_FILE - len(content))
    document, _ = read(tmp_path, content)
    assert document is not None


def test_a_directory_and_a_missing_file(tmp_path: Path) -> None:
    problems = Problems()
    assert read_yaml(tmp_path, problems) is None
    assert read_yaml(tmp_path / "none.yaml", problems) is None
    assert read_yaml(tmp_path / ("x" * 300), problems) is None
    assert read_yaml(tmp_path / "a\0b.yaml", problems) is None
    assert [p.given for p in problems.found] == [
        "is a directory",
        "there is no such file",
        "cannot be read: File name too long",
        "there is no such file",
    ]


def test_an_endless_file_is_refused() -> None:
    problems = Problems()
    assert read_yaml(Path("/dev/zero"), problems) is None
    assert problems.found[0].given == "is not a regular file"


def test_dotted_counts_list_items_from_one() -> None:
    assert dotted(("changes", 0, "value", "12+")) == "changes[1].value.12+"
    assert dotted((1, "a")) == "[2].a"


@given(st.binary(max_size=300))
@example(b"\xef\xbb\xbf")
@example(b"%YAML 9.9\n---\na: 1")
@example(b"%TAG ! tag:x,2000:\n---\na: !b 1")
@example(b"a: \xef\xbf\xbe")
def test_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    document, problems = read(tmp_path_factory.getbasetemp(), content)
    assert document is not None or problems


_YAML_TEXT = st.text(alphabet="ab01-:,.[]{}#&*!?|>'\"%@` \n\t~", max_size=120)


@given(_YAML_TEXT)
def test_what_looks_like_yaml_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    document, problems = read(tmp_path_factory.getbasetemp(), text)
    assert document is not None or problems


_TREES = st.recursive(
    st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=15
)


@given(st.dictionaries(st.text(), _TREES, min_size=1))
def test_text_that_a_yaml_writer_wrote_reads_back(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, object]
) -> None:
    text = yaml.safe_dump(tree, default_style='"')
    document, problems = read(tmp_path_factory.getbasetemp(), text)
    assert not problems
    assert document is not None
    assert document.data == tree


@given(st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_that_python_wrote_read_back(
    tmp_path_factory: pytest.TempPathFactory, number: float
) -> None:
    document, _ = read(tmp_path_factory.getbasetemp(), f"a: {number!r}")
    assert document is not None
    assert document.data == {"a": number}
