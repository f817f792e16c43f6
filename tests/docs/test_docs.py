"""The pages under docs/ and the READMEs say what is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"var"}
README = ROOT / "README.md"
SETTINGS = (ROOT / "textengage/settings.py").read_text(encoding="utf-8")

LINK = re.compile(r"\]\(([^)\s]+)\)")
# What looks like a file or a folder: `credits/rules.py`, `api/`, `status.py`.
PATH = re.compile(r"`([a-z_]+(?:/[\w.]+)*(?:/|\.(?:py|json|js|toml)))`")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")
READ = re.compile(r"\b(?:read\.\w+|secret)\(\s*\"([A-Z_]+)\"")
ROW = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MOST_BYTES = 200_000
# In prose "make" is a verb; in code it is the program.
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
BELONGS_ELSEWHERE = re.compile(
    r"(?:^|[\s(`\"'])/(?:work|home|root|Users)/|index-url|://[^\s/]*(?:registry|artifactory|pypi)"
    r"|\bissues? #?\d|\b(?:this|last|next) session\b|\bsession \d",
    re.IGNORECASE,
)


def walk(folder: Path) -> Iterator[Path]:
    """Everything below a folder that belongs to the checkout."""
    for path in folder.iterdir():
        if path.name not in SKIPPED and not path.name.startswith("."):
            yield path
            if path.is_dir():
                yield from walk(path)


PAGES = sorted(path for path in walk(ROOT) if path.suffix == ".md")
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def anchors(page: Path) -> set[str]:
    """The addresses of a page's headings, made as GitHub makes them."""
    titles = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def code_in(page: Path) -> Iterator[str]:
    yield from CODE.findall(page.read_text(encoding="utf-8"))


@every_page
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@every_page
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {target for code in code_in(page) for target in TARGET.findall(code)}
    assert named - known == set()


@every_page
def test_management_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(COMMAND.findall(text)) - set(get_commands()) == set()


@every_page
def test_page_speaks_of_the_product_only(page: Path) -> None:
    assert BELONGS_ELSEWHERE.findall(page.read_text(encoding="utf-8")) == []


def test_readme_names_every_variable_that_is_read_and_no_other() -> None:
    named = ROW.findall(README.read_text(encoding="utf-8"))
    assert sorted(named) == sorted(set(READ.findall(SETTINGS)))


def test_map_names_files_that_exist() -> None:
    """A path is meant from the root, or from the folder that the sentence speaks of."""
    named = PATH.findall((ROOT / "docs/map.md").read_text(encoding="utf-8"))
    there = [f"/{path.relative_to(ROOT)}" for path in walk(ROOT)]
    missing = {
        name for name in named if not any(path.endswith(f"/{name.rstrip('/')}") for path in there)
    }
    assert missing == set()


def test_pictures_are_shown_somewhere_and_small() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in (ROOT / "docs/pictures").glob("*.png"):
        assert (picture.name in text, picture.stat().st_size < MOST_BYTES) == (True, True)
