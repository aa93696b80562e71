"""`siyu channels import`: what a table would make, what is wrong with it, and the job that makes it."""

import asyncio
import json
import threading
import time
from datetime import UTC, datetime

import pytest

from bot.cli import main
from bot.cli.codes import Exit
from sop.channels.tables import JOB
from storage.database import connect
from storage.scope import Scope
from storage.store import Store
from tests.bot.configs import CORP_ID, write_config

GOOD = "名称,员工\n一店,chen.yu\n二店,li.na\n"


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def config(migrated_url, tmp_path):
    return write_config(tmp_path, migrated_url)


@pytest.fixture
def sheet(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "shops.csv"
        path.write_bytes(text.encode("gb18030"))
        return str(path)

    return write


def work(url: str, do):
    """Do something in a transaction of its own."""

    async def doing():
        database = connect(url)
        await database.open()
        try:
            store = Store(Scope(database=database, corp_id=CORP_ID, app="crm", now=datetime.now(UTC)))
            found = await do(store)
            await store.commit()
        finally:
            await database.close()
        return found

    return asyncio.run(doing())


def test_a_dry_run_says_what_is_wrong_and_makes_nothing(config, sheet, capsys, migrated_url):
    path = sheet("名称,员工\n一店,chen.yu\n一店,chen.yu\n,x\n")
    assert main(["channels", "import", path, "--dry-run", "-c", config]) == Exit.FAILED
    out, err = capsys.readouterr()
    assert "与第 2 行重名" in out
    assert "1 to make" in err
    assert main(["channels", "import", path, "-c", config]) == Exit.FAILED
    assert work(migrated_url, lambda store: store.jobs.page()) == ()
    capsys.readouterr()
    assert main(["channels", "import", sheet(GOOD), "--dry-run", "--json", "-c", config]) == Exit.OK
    assert [line["verdict"] for line in json.loads(capsys.readouterr().out)["lines"]] == ["make"] * 2


def test_a_file_that_is_no_table_says_so(config, sheet, capsys, tmp_path):
    assert main(["channels", "import", sheet("客服\nx\n"), "-c", config]) == Exit.FAILED
    assert "没有这样的列" in capsys.readouterr().err
    assert main(["channels", "import", str(tmp_path / "none.csv"), "-c", config]) == Exit.USAGE
    assert main(["channels", "import", sheet(GOOD), "--corp", "wwother", "-c", config]) == Exit.USAGE


def test_a_good_table_begins_the_job_and_watches_it(config, sheet, capsys, migrated_url):
    codes = []
    path = sheet(GOOD)
    running = threading.Thread(target=lambda: codes.append(main(["channels", "import", path, "-c", config])))
    running.start()
    while not (jobs := work(migrated_url, lambda store: store.jobs.page(kind=JOB))):
        assert running.is_alive()
        time.sleep(0.05)
    assert main(["channels", "import", path, "-c", config]) == Exit.FAILED  # one at a time

    async def finish(store):
        store.jobs.end(jobs[0], "done")

    work(migrated_url, finish)
    running.join(60)
    assert codes == [Exit.OK]
    assert (jobs[0].name, jobs[0].total) == ("shops.csv", 2)
    assert "make_channels" in capsys.readouterr().err
