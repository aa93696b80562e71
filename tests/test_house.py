"""The house rules: they hold because this file runs, not because somebody remembers them.

Style, types and who imports whom are held by ruff, mypy and import-linter; here stands what they cannot say.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST_FILE = 250  # lines
LONGEST_FUNCTION = 60  # lines
# One broad `except` each: a failing reaction must not stop the others, a failing request not the server.
BROAD_EXCEPTS = {"bot/visits.py", "console/api/edge.py", "storage/engine/threads.py"}
MODULE_NAME = re.compile(r"[a-z]+|__init__|__main__")
MIGRATIONS = "storage/migrations/versions/"
STUB_README = 20  # lines under which the README is not written yet
# Put together here, so that this file does not name them.
REGISTRIES = [
    name + "." + domain
    for name, domain in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("npm" + "mirror", "com"),
        ("tuna.tsinghua.edu", "cn"),
        ("aliyun", "com/pypi"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
    ]
]
REGISTRY = re.compile(
    "|".join(re.escape(host) for host in REGISTRIES)
    + r"|://[^/\s\"']*(?:artifactory|nexus|pypi|npm-?registry)[^/\s\"']*"
    + r"|--(?:extra-)?index"
    + r"-url[ =]",
    re.IGNORECASE,
)


@cache
def kept() -> list[str]:
    """The paths under version control or about to be, or skip where there is no checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("git is not installed, so what belongs to the house is unknown")
    if listed.returncode:
        pytest.skip(f"not in a git checkout: {listed.stderr.strip()}")
    paths = sorted(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())
    if "tests/test_house.py" not in paths:
        pytest.skip("the git checkout around this folder is another one")
    return paths


def sources(*, tests: bool = False) -> Iterator[tuple[str, str]]:
    """Path and text of every Python file of the program, and of the tests if asked for."""
    for path in kept():
        if path.endswith(".py") and not path.startswith(MIGRATIONS if tests else (MIGRATIONS, "tests/")):
            yield path, (ROOT / path).read_text(encoding="utf-8")


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function, its decorators left out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.name, node.end_lineno - node.lineno + 1


def broad_excepts(source: str) -> int:
    """How often everything is caught: bare, as (Base)Exception, in a tuple, or suppressed."""
    caught: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            caught.extend(node.type.elts if isinstance(node.type, ast.Tuple) else [node.type])
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            caught.extend(node.args)
    broad = {"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"}
    return sum(kind is None or ast.unparse(kind) in broad for kind in caught)


def imports(source: str) -> set[str]:
    """Dotted names of everything imported."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def mocks(source: str) -> bool:
    """Whether a mocking library is imported."""
    return any(re.match(r"(unittest\.)?mock\b|pytest_mock\b", name) for name in imports(source))


def test_a_file_is_one_subject():
    long = {path: text.count("\n") for path, text in sources() if text.count("\n") > LONGEST_FILE}
    assert not long, f"split them by subject (at most {LONGEST_FILE} lines): {long}"


def test_a_function_fits_on_a_screen():
    long = {
        f"{path}:{name}": lines
        for path, text in sources()
        for name, lines in functions(text)
        if lines > LONGEST_FUNCTION
    }
    assert not long, f"at most {LONGEST_FUNCTION} lines: {long}"


def test_a_module_says_what_it_is_for():
    silent = [path for path, text in sources() if not ast.get_docstring(ast.parse(text))]
    assert not silent, f"open them with one sentence: {silent}"


def test_a_module_has_a_name_of_one_word():
    odd = [
        path
        for path, _ in sources()
        if not all(MODULE_NAME.fullmatch(word) for word in path.removesuffix(".py").split("/"))
    ]
    assert not odd, f"one lowercase word each: {odd}"


def test_everything_is_caught_in_few_places_only():
    found = {path: broad_excepts(text) for path, text in sources() if broad_excepts(text)}
    assert set(found) <= BROAD_EXCEPTS, f"name the exceptions you can do something about: {found}"
    assert all(count == 1 for count in found.values()), f"once in each: {found}"


def test_nothing_is_mocked():
    mocking = [path for path, text in sources(tests=True) if mocks(text)]
    assert not mocking, f"use the virtual WeCom or a real server instead: {mocking}"


def test_no_file_names_a_package_registry():
    naming = {}
    for path in kept():
        found = REGISTRY.search((ROOT / path).read_bytes().decode("utf-8", errors="ignore"))
        if found:
            naming[path] = found[0]
    assert not naming, f"everyone installs from where they like: {naming}"


def test_every_folder_has_a_purpose_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    if readme.count("\n") < STUB_README:
        pytest.skip("the README is not written yet")
    folders = {path.split("/")[0] for path in kept() if "/" in path and not path.startswith(".")}
    unnamed = sorted(folder for folder in folders if not re.search(rf"(?<![\w/.-]){folder}/", readme))
    assert not unnamed, f"say in README.md what they are for: {unnamed}"


@pytest.mark.parametrize(
    "source",
    [
        "try: f()\nexcept: g()",
        "try: f()\nexcept Exception: g()",
        "try: f()\nexcept (ValueError, BaseException) as error: g()",
        "with contextlib.suppress(Exception): f()",
    ],
)
def test_a_broad_except_is_seen_in_any_spelling(source):
    assert broad_excepts(source) == 1
    assert broad_excepts("try: f()\nexcept (OSError, ValueError): g()") == 0


@pytest.mark.parametrize(
    "source", ["import unittest.mock", "from unittest import mock as m", "from unittest.mock import Mock"]
)
def test_a_mock_is_seen_in_any_spelling(source):
    assert mocks(source)
    assert not mocks("import respx, unittest\nfrom mockingbird import song")


@pytest.mark.parametrize("host", REGISTRIES)
def test_a_registry_is_seen_in_a_lock_file(host):
    assert REGISTRY.search(f'"resolved":"https://files.{host}/packages/x.whl"')
    assert not REGISTRY.search("siyu==0.1.0 --hash=sha256:00  # via https://example.com")
