"""Whether database and Redis are there and fit."""

from bot.config import Config
from bot.doctor.finding import Finding, Findings, Said, State
from storage import migrations
from storage.database import connect
from storage.errors import StorageError
from storage.presence import exists, ping

_MIGRATE = Said("执行 siyu migrate -c config.toml", "run siyu migrate -c config.toml")


async def examine_database(config: Config) -> Findings:
    """Whether the database is reachable, and migrated to what this program needs."""
    url = config.database.url
    if not exists(url):
        said = Said("还没有数据库文件", f"there is no database file yet ({url})")
        yield Finding(State.FAULT, said, _MIGRATE, check="migrations")
        return
    database = connect(url)
    try:
        await database.open()
        await database.close()
        reached = await migrations.revision(url)
    except StorageError as error:
        yield Finding(
            State.FAULT,
            Said(f"连不上数据库：{error}", f"the database cannot be reached: {error}"),
            Said(
                "检查 database.url、数据库是否在运行、账号密码和磁盘空间",
                "check database.url, that the server runs, user and password, and the disk's space",
            ),
            check="database",
        )
        return
    yield Finding(State.FINE, Said("数据库可用", f"the database can be used ({database.dialect})"), check="database")
    yield _migrated(reached)


def _migrated(reached: str) -> Finding:
    wanted = migrations.newest()
    if reached == wanted:
        return Finding(
            State.FINE, Said("数据库结构是最新的", f"the schema is the newest ({wanted})"), check="migrations"
        )
    said = Said(
        f"数据库结构是 {reached or '空的'}，需要 {wanted}",
        f"the schema is {reached or 'empty'}, needed is {wanted}",
    )
    return Finding(State.FAULT, said, _MIGRATE, check="migrations")


async def examine_redis(config: Config) -> Findings:
    """Whether Redis is reachable, if one is configured."""
    if not config.redis.url:
        said = Said("没有配置 Redis：单机运行不需要", "no Redis is configured: one machine needs none")
        yield Finding(State.FINE, said, check="redis")
        return
    try:
        await ping(config.redis.url)
    except StorageError as error:
        yield Finding(
            State.FAULT,
            Said(f"连不上 Redis：{error}", f"Redis cannot be reached: {error}"),
            Said(
                "检查 redis.url、Redis 是否在运行和密码；单机运行可把 redis.url 留空",
                "check redis.url, that Redis runs, and its password; on one machine redis.url may be empty",
            ),
            check="redis",
        )
        return
    yield Finding(State.FINE, Said("Redis 可用", "Redis answers"), check="redis")
