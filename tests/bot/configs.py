"""Writing config files for tests."""

from pathlib import Path

CORP_ID = "ww1"
APP = {"name": "crm", "agent_id": 1, "secret": "s", "token": "t", "encoding_aes_key": "k" * 43}


def write_config(folder: Path, database: str, *, extra: str = "", corp_id: str = CORP_ID, **app: str | int) -> str:
    """Write a config file with one corp and app; `extra` stands before them. Its path."""
    path = folder / "config.toml"
    lines = [f'database.url = "{database}"', extra, "[[corps]]", f'id = "{corp_id}"', "[[corps.apps]]"]
    lines += [f"{name} = {value!r}" for name, value in (APP | app).items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)
