"""Front matter that is missed or cut is said, and nothing is said of ordinary pages."""

from __future__ import annotations

import pytest

from extractor.frontmatter.detection import FrontMatter, read_front_matter
from extractor.model import Diagnostic
from extractor.source.decoding import read_source


def read(page: str) -> FrontMatter:
    return read_front_matter(read_source(page, "p.md"))


def left_alone(page: str) -> list[str]:
    """Give the rules reported of a page that is all body."""
    found = read(page)
    assert (found.metadata, found.body_line) == ({}, 1)
    return [diagnostic.rule for diagnostic in found.diagnostics]


def slices(page: bytes, diagnostics: list[Diagnostic]) -> list[str]:
    """Give what the file holds at each diagnostic's span."""
    spans = [diagnostic.span for diagnostic in diagnostics]
    return [page[span.start : span.end].decode() for span in spans if span]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<!-- licence -->\n---\ntitle: Spoon\ntags: [a]\n---\n# x", "a comment"),
        ("<!-- a\nb -->\n\n<!-- c -->\n\n---\nwood: ash\n---\n", "a comment"),
        ("<!-- a -->\n---\ntitle: Spoon\n\n# c\nwood: ash\n---\n", "a comment"),
        ("<!-- a -->\n+++\ntitle = 'Spoon'\n+++\n", "a comment"),
        ("<!-- a -->\n---yaml\ntitle: Spoon\n---\n", "a comment"),
        ("\ufeff\ufeff---\ntitle: Spoon\n---\n", "an invisible"),
        ("\u200b---\nwood: ash\n---\n", "an invisible"),
        ("---\u200b\nwood: ash\n---\n", "an invisible"),
        ("\xa0---\ntitle: Spoon\n\u200b---\n", "an invisible"),
        ("\u2060\n---\ntitle: Spoon\n---\n", "an invisible"),
        ("\\---\ntitle: Spoon\n\\---\n\n# x", "its first line is escaped"),
        ("\\---\n\ntitle: Spoon\n\nsidebar\\_label: x\n\n---\n", "its first line is escaped"),
        ("\\-\\-\\-\nwood: ash\n\\-\\-\\-\n", "its first line is escaped"),
        ("\\+++\ntitle = 'Spoon'\n\\+++\n", "its first line is escaped"),
        ("Here is the page:\n\n---\ntitle: Spoon\n---\n\nText\n\n---\n\nMore", "text"),
        ("draft\n---\ndate: 2024-01-05\nwood: ash\n---\n", "text"),
        ("# Spoon\n\n---\ntags:\n  - a\n---\n", "text"),
    ],
)
def test_front_matter_that_is_missed_is_reported(page: str, reason: str) -> None:
    assert left_alone(page) == ["not-front-matter"]
    (diagnostic,) = read(page).diagnostics
    assert f"because {reason}" in diagnostic.message
    (text,) = slices(page.encode(), [diagnostic])
    assert text.strip("\u200b\xa0\u2060\ufeff\\")[0] in "-+"
    assert text.endswith(("---", "+++", "\\-"))


@pytest.mark.parametrize(
    "page",
    [
        "<!-- licence -->\n\nOrdinary text.\n",
        "<!-- licence -->\n# Title\n---\nwood: ash\n---\n",
        "<!-- licence -->\n---\n\nText: more\n\n---\n",
        "<!-- licence -->\n---\nText, and a second heading\n---\n",
        "<!-- licence -->\n---\nTwo words: a heading\n---\n",
        "<!-- licence -->\n---\nnever: closed\n",
        "<!-- licence --> text\n---\nwood: ash\n---\n",
        "<!-- never closed\n---\ntitle: x\n---\n",
        "\u200bText.\n---\nwood: ash\n---\n",
        "\u200b---\n\nText.\n\n---\n",
        "\u200b---\nText.\n",
        "\\--- and so on\n---\nwood: ash\n---\n",
        "\\---\n\nText between.\n\n\\---\n",
        "\\- item\ntitle: x\n---\n",
        "Heading\n---\n\ntitle: x\n\nOther\n---\n",
        "Heading\n---\nNote: a second heading\n---\n",
        "Heading\n---\nname: Ann\n---\n",
        "Heading\n---\ntitle: x\n\nThe text goes on.\n\nOther\n---\n",
        "A chapter.\n\n---\n\nThe next.\n\n---\n\nThe last.\n",
        "***\n\nText.\n\n---\n\nMore.\n",
        "# Slide\n\n---\nlayout: center\n---\n\n# Two\n",
        "# Slide\n\n---\ntitle: Two\n---\n\n# Two\n\n---\n\n# Three\n\n---\n\n# Four\n",
        "One\n\nTwo\n\nThree\n\nFour\n---\ntitle: x\n---\n",
        "One\nTwo\nThree\nFour\nFive\nSix\nSeven\nEight\n---\ntitle: x\n---\n",
        "```yaml\n---\ntitle: x\n---\n```\n",
        "| title |\n|---|\n| x |\n",
        "Term\n---\n- a: b\n---\n",
        "Intro\n---\ntitle: [x\n---\n",
    ],
)
def test_ordinary_tops_of_pages_are_not_reported(page: str) -> None:
    assert left_alone(page) == []


@pytest.mark.parametrize(
    ("line", "value", "hidden"),
    [
        ("a: Issue #12 solved", "Issue", "#12 solved"),
        ("a: #wood, #iron", None, "#wood, #iron"),
        ("a: #fff  ", None, "#fff"),
        ("a: b\t#c", "b", "#c"),
        ("a: Größe 😀 #é", "Größe 😀", "#é"),
        ("a: Stove: care #12", "Stove: care", "#12"),
        ("a: 5 apples #red", "5 apples", "#red"),
        ("a: yes #no", "yes", "#no"),
        ("a: &x b #c", "b", "#c"),
    ],
)
def test_words_that_a_comment_hides_are_reported(line: str, value: object, hidden: str) -> None:
    page = f"---\nz: 1\n{line}\n---\n"
    found = read(page)
    assert found.metadata == {"z": 1, "a": value}
    hits = [d for d in found.diagnostics if d.rule == "hidden-by-comment"]
    assert slices(page.encode(), hits) == [hidden]
    assert [hit.pointer for hit in hits] == ["/metadata/a"]


def test_words_hidden_in_lists_and_mappings_are_reported() -> None:
    page = "---\na:\n- b #1\n- #2\n- c: d #e\n---\n"
    found = read(page)
    assert slices(page.encode(), found.diagnostics) == ["#1", "#2", "#e"]
    pointers = ["/metadata/a/0", "/metadata/a/1", "/metadata/a/2/c"]
    assert [diagnostic.pointer for diagnostic in found.diagnostics] == pointers


@pytest.mark.parametrize(
    "text",
    [
        "a: true # remove later",
        "a: true #later",
        "a: 12 #cm",
        "a: 2024-01-05 #posted",
        "a: 10:30 #noon",
        "a: null #c",
        "a: ~ #c",
        "a: b # c",
        "a: b ## c",
        "a: b #",
        "a: b #!c",
        "a: b #-- c",
        "a: b#c",
        "a: 'b' #c",
        'a: "b #c"',
        "a: [b, c] #d",
        "a: {b: c} #d",
        "a: |\n  b #c",
        "a: >- #c\n  b",
        "a: #c\n  b: d",
        "a: #c\n  - d",
        "a:\n  #c\n  - d",
        "#a: b\nc: d",
        "a: b\n#c",
        "a: https://example.org/#b",
        "a: C# and F#",
    ],
)
def test_ordinary_comments_are_not_reported(text: str) -> None:
    assert read(f"---\n{text}\n---\n").diagnostics == []


@pytest.mark.parametrize(
    "page",
    [
        "```markdown\n# Spoon\n\n**Wood:** birch\n```",
        "\n```md\ntext\n```\n\n",
        "~~~Markdown\ntext\n~~~\n",
        "````markdown\n```\ncode\n```\n````\n",
        "```markdown\n# T\n```bash\nmake\n```\nmore\n```\n",
        "```markdown\n---\ntitle: x\n---\ntext\n```\n",
        "```mdx\n~~~\ncode\n~~~\n```\n",
    ],
)
def test_a_page_in_a_fence_is_reported(page: str) -> None:
    assert left_alone(page) == ["fenced-page"]
    assert slices(page.encode(), read(page).diagnostics) == [page.strip()]


@pytest.mark.parametrize(
    "page",
    [
        "```python\nprint()\n```\n",
        "```\n# Spoon\n```\n",
        "```markdown\n# Spoon\n```\n\nText.\n",
        "Text.\n\n```markdown\n# Spoon\n```\n",
        "```markdown\n# Spoon\n```\n\nText.\n\n```markdown\nmore\n```\n",
        "```markdown\n# Spoon\n```\n\nText.\n\n```bash\nmake\n```\n",
        "```markdown\n# never closed\n",
        "```markdown title=x\n# Spoon\n```\n",
        "    ```markdown\n    # Spoon\n    ```\n",
        "---\na: 1\n---\n```markdown\n# Spoon\n```\n",
    ],
)
def test_other_fences_are_not_reported(page: str) -> None:
    assert "fenced-page" not in [diagnostic.rule for diagnostic in read(page).diagnostics]
