"""`siyu token create`: an API token, shown once."""

import argparse
from datetime import UTC, datetime

from bot.cli.arguments import Commands, command, group
from bot.cli.codes import Exit
from bot.cli.database import opened
from bot.cli.runtime import run, say
from bot.config import Config, load
from storage.tokens import PERSONAL, ROLES, Tokens

_ROLES = (
    "admin: everything / 全部; operator: channels, welcomes, customers / 运营; "
    "reviewer: compliance review / 合规; rep: one member's own customers / 员工本人; "
    "leader: the customers of a leader's departments / 部门负责人; "
    "integration: another system that tells of events / 外部系统上报事件"
)


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        group(commands, "token"),
        "create",
        "make an API token; it is printed once, alone on the last line / 生成接口令牌，只显示一次",
        run=_token,
        examples=(
            "siyu token create -c config.toml --role admin --name 'Li Lei'",
            "siyu token create -c config.toml --role rep --name 'sidebar of chen.yu' --user chen.yu",
            "siyu token create -c config.toml --role leader --name 'Han Meimei, East' --user han.meimei",
            "TOKEN=$(siyu token create -c config.toml --role operator --name ci 2>/dev/null | tail -n 1)",
        ),
    )
    parser.add_argument("--role", required=True, choices=ROLES, help=_ROLES)
    parser.add_argument("--name", required=True, help="whose or what for it is, to recognise it later / 用途或持有人")
    parser.add_argument("--user", default="", metavar="USERID", help="the member a rep's or leader's token speaks for")
    parser.add_argument("--corp", default="", metavar="CORPID", help="whose member that is, where there are several")


def _token(arguments: argparse.Namespace) -> int:
    if (arguments.role in PERSONAL) != bool(arguments.user):
        say(
            "--user USERID: rep and leader need it, and only these / rep 和 leader 必须用 --user 指定员工账号，其他不用"
        )
        return Exit.USAGE
    config = load(arguments.config)
    corps = [corp.id for corp in config.corps]
    if arguments.user and not arguments.corp and len(corps) == 1:
        arguments.corp = corps[0]
    if bool(arguments.corp) != bool(arguments.user) or arguments.corp not in {"", *corps}:
        say(f"--corp CORPID: whose member --user is / 请用 --corp 指定该员工所在的企业: {', '.join(corps)}")
        return Exit.USAGE
    token = run(_create(config, arguments))
    say(f"a token for {arguments.role} {arguments.name!r}; it is not shown again / 请立即保存，不会再次显示：")
    print(token)
    return Exit.OK


async def _create(config: Config, arguments: argparse.Namespace) -> str:
    async with opened(config) as database:
        return await Tokens(database).create(
            arguments.role,
            name=arguments.name,
            user_id=arguments.user,
            corp_id=arguments.corp,
            now=datetime.now(UTC),
        )
