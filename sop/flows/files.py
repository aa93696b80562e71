"""Flows as files: JSON, YAML or TOML, told apart by their suffix."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from sop.errors import Invalid
from sop.flows import document
from sop.flows.document import Flow
from sop.limits import Violation

SUFFIXES = (".json", ".yaml", ".yml", ".toml")


class _Loader(yaml.SafeLoader):
    """YAML as people mean it: 09:00:00 is a text, not a number to the base of sixty."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]+$"), list("-+0123456789"))


def read(text: str, suffix: str) -> Flow:
    """The flow of a file; raises `Invalid` with the place of what is wrong."""
    parse: Mapping[str, Callable[[str], Any]] = {".json": json.loads, ".toml": tomllib.loads}
    try:
        plain = parse.get(suffix, _load)(text)
    except (ValueError, yaml.YAMLError) as error:
        words = str(error).replace("\n", " ")
        raise Invalid([Violation("file", f"无法读取：{words}", f"cannot be read: {words}")]) from error
    return document.parse(plain)


def write(flow: Flow, suffix: str = ".yaml") -> str:
    """A flow as the text of a file."""
    plain = json.loads(document.dump(flow))
    if suffix == ".json":
        return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=110)


def _load(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe one
