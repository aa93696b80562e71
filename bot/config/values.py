"""What config.toml says, as values; secrets and URLs with passwords never show in a repr."""

from dataclasses import dataclass, field
from pathlib import Path

from wecom.crypto import Cipher, Keyring


@dataclass(frozen=True, slots=True)
class Server:
    """Where this service listens, and the address under which WeCom and people reach it."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"  # without a slash at the end


@dataclass(frozen=True, slots=True)
class Database:
    """The system of record: `sqlite:///file.db` or `postgresql://…`."""

    url: str = field(default="sqlite:///siyu.db", repr=False)


@dataclass(frozen=True, slots=True)
class Redis:
    """What several processes share; empty on one machine."""

    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Wecom:
    """Where the platform is."""

    api_base: str = "https://qyapi.weixin.qq.com"  # without a slash at the end


@dataclass(frozen=True, slots=True)
class Pictures:
    """What pictures for print are made with."""

    font: Path | None = None  # for captions; where there is none, a Chinese font of this machine is looked for


@dataclass(frozen=True, slots=True)
class Keys:
    """One (Token, EncodingAESKey) pair of an app's callback settings."""

    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class App:
    """An app of a corp; the first of its `keys` seals, all of them open."""

    name: str
    agent_id: int
    secret: str = field(repr=False)
    keys: tuple[Keys, ...]

    def keyring(self, corp_id: str) -> Keyring:
        """The active pairs, for messages to `corp_id`; raises `BadKey`, though not for a loaded config."""
        return Keyring([Cipher(pair.token, pair.encoding_aes_key, corp_id) for pair in self.keys])


@dataclass(frozen=True, slots=True)
class Corp:
    """A corp with its apps; `zone` is the IANA time zone its people live in."""

    id: str
    name: str
    zone: str = "Asia/Shanghai"
    apps: tuple[App, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that starting needs; what operators change lives in the database."""

    server: Server = Server()
    database: Database = Database()
    redis: Redis = Redis()
    wecom: Wecom = Wecom()
    corps: tuple[Corp, ...] = ()
    pictures: Pictures = Pictures()
