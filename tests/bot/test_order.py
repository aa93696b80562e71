"""Promise 5: events of one subject run one after another, in order, across processes; different ones in parallel."""

import asyncio
import random

import pytest

from wecom.events import GroupRenamed

GROUPS, EACH = 8, 15
AT = 1_770_000_000


async def tell(stage, group, number):
    """A group is renamed at the second of that number."""
    plain = (
        f"<xml><ToUserName>{stage.corp.id}</ToUserName><FromUserName>sys</FromUserName>"
        f"<CreateTime>{AT + number}</CreateTime><MsgType>event</MsgType><Event>change_external_chat</Event>"
        f"<ChatId>wr{group}</ChatId><ChangeType>update</ChangeType><UpdateDetail>change_name</UpdateDetail></xml>"
    )
    assert (await stage.knock(plain.encode())).status_code == 200


class Watch:
    """Handlers of several workers that note who was handled when, and that nobody was handled twice at once."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = {}
        self.by: set[int] = set()
        self.most = 0
        self._running: set[str] = set()
        self._chance = random.Random(5)

    def station(self, worker: int):
        async def watch(event: GroupRenamed) -> None:
            group = event.chat_id
            assert group not in self._running
            self._running.add(group)
            self.by.add(worker)
            self.most = max(self.most, len(self._running))
            await asyncio.sleep(self._chance.uniform(0, 0.05))
            self.seen.setdefault(group, []).append(int(event.at.timestamp()) - AT)
            self._running.remove(group)

        return watch


async def ring(workers):
    """As a shared Redis would: nobody waits for the next poll, so that all workers have their share."""
    while True:
        for worker in workers:
            worker.bells.heard()
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("backend", "role", "workers"),
    [("sqlite", "all", 1), ("sqlite", "worker", 1), ("postgresql", "worker", 2)],
    indirect=["backend"],
)
async def test_events_of_one_subject_never_run_side_by_side_nor_out_of_order(stage, role, workers):
    watch = Watch()
    hired = [stage.hire(role) for _ in range(workers)]
    for worker, service in enumerate(hired):
        service.router.on(GroupRenamed)(watch.station(worker))
    if role != "all":
        await stage.serve(role="web")
    await asyncio.gather(*(stage.serve(service) for service in hired))
    ringing = asyncio.create_task(ring(hired))
    for number in range(EACH):
        await asyncio.gather(*(tell(stage, group, number) for group in range(GROUPS)))
    await stage.until(lambda: sum(map(len, watch.seen.values())) == GROUPS * EACH)
    ringing.cancel()
    assert watch.seen == {f"wr{group}": list(range(EACH)) for group in range(GROUPS)}
    assert watch.most > 1
    assert watch.by == set(range(workers))
