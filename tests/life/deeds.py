"""What people of a company do with each other: customers, reps, operators, groups, administrators, all by chance."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from simulator import Kind
from simulator.actions import console, customers, groups, staff
from simulator.actions.errors import Impossible
from simulator.world.contacts import Relation, Standing
from tests.stage import Stage

FACES = ["小周", "小李", "王女士", "陈先生", "阿强", "Lily", "豆豆妈", "老张", "Mr.Chen", "🌸花开"]
FEWEST = 20  # members who stay with the corp
AN_HOUR = 3600.0
NOTES = ("重点客户", "已报价", "下周回访", "团购群主", "VIP")


class Deeds:
    """All that can be done, each deed with whomever chance picks; `Impossible` where there is nobody for it."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.chance = random.Random(seed)
        self.ways: list[dict[str, Any]] = []
        self.left: dict[tuple[str, str], float] = {}  # when customers left members

    # customers

    def scan(self) -> None:
        way = self.chance.choice(self.ways)
        self.stage.scan(way, name=self.chance.choice(FACES))

    def search(self) -> None:
        self.stage.add(self._server(), name=self.chance.choice(FACES))

    def half(self) -> None:
        way = self.chance.choice(self.ways)
        relation = self.stage.scan(way, name=self.chance.choice(FACES), half=True)
        if self.chance.random() < 0.8:
            self.stage.act(customers.accept, relation)

    def come_back(self) -> None:
        known = self._relation()
        self.stage.add(self._server(), external_userid=known.external_userid)

    def reply(self) -> None:
        self.stage.act(customers.reply, self._relation(Standing.MUTUAL))

    def leave(self) -> None:
        relation = self._relation(Standing.MUTUAL)
        self.stage.act(customers.leave, relation)
        self.left[relation.userid, relation.external_userid] = self.stage.simulator.clock.now()

    def decline(self) -> None:
        corp = self.stage.corp
        asked = self._pick([one for each in corp.contacts.customers if (one := corp.transfers.waiting(each))])
        pair = {"userid": asked.takeover, "external_userid": asked.external_userid}
        customers.decline(self.stage.simulator.world, corp, **pair)

    # reps

    def tag(self) -> None:
        put = self.chance.sample(sorted(self.stage.corp.tags.tags), k=self.chance.randint(1, 3))
        relation = self._relation(Standing.MUTUAL)
        take = list(relation.tags)[:1] if self.chance.random() < 0.3 else ()
        self.stage.act(staff.tag, relation, put=put, take=take)

    def note(self) -> None:
        self.stage.act(staff.note, self._relation(Standing.MUTUAL), remark=self.chance.choice(NOTES))

    def remove(self) -> None:
        self.stage.act(staff.remove, self._relation(Standing.MUTUAL))

    def part(self) -> None:
        """A rep removes a customer who left long ago, and nobody ever hears of that."""
        long_ago = self.stage.simulator.clock.now() - AN_HOUR
        relation = self._pick([one for pair, at in self.left.items() if at < long_ago and (one := self._left(*pair))])
        self.stage.fail(Kind.LOSE, "change_external_contact/del_external_contact", app=self.stage.app.name, count=1)
        self.stage.act(staff.remove, relation)

    def resign(self) -> None:
        serving = [member.userid for member in self.stage.company.members if member.serves]
        if len(serving) > FEWEST:
            staff.resign(self.stage.simulator.world, self.stage.corp, userid=self._pick(serving[FEWEST:]))

    def come_and_go(self) -> None:
        self.stage.write(self._pick(self.stage.team), self.chance.choice(("上班", "下班", "今日")))

    # operators

    async def hand_over(self) -> None:
        giver, taker, other = self.chance.sample(self._servers(), k=3)
        await self._order("transfers", handover=giver, takers=[{"user_id": taker}, {"user_id": other}])

    async def place(self) -> None:
        """Give away what one who has resigned has left behind."""
        gone = [one.userid for one in self.stage.company.members if not self.stage.corp.directory.find(one.userid)]
        takers = [{"user_id": one} for one in self.chance.sample(self._servers(), k=2)]
        await self._order("transfers", handover=self._pick(gone), takers=takers, resigned=True)

    async def bulk_tag(self) -> None:
        chosen = {self._relation(Standing.MUTUAL).external_userid for _ in range(5)}
        await self._order("tags/bulk", add=[self._pick(sorted(self.stage.corp.tags.tags))], customers=sorted(chosen))

    async def _order(self, path: str, **body: Any) -> None:
        """What operators ask for may be refused, as when there is nobody left to hand over."""
        answer = await self.stage.api.post(f"{self.stage.base}/api/v1/{path}", json=body)
        assert answer.status_code < 500, answer.text
        if not answer.is_success:
            raise Impossible(answer.text)

    # groups

    def found_group(self) -> None:
        owner = self._server()
        known = {one.external_userid for one in self.stage.corp.contacts.of_member(owner)}
        inside = self.chance.sample(sorted(known), k=min(len(known), 3))
        self._group_deed(groups.found_group, owner=owner, name=f"福利{self.chance.randrange(999)}群", customers=inside)

    def invite(self) -> None:
        group = self._chat()
        self._group_deed(groups.invite, chat_id=group.chat_id, userid=group.now.owner, customers=["", ""])

    def quit(self) -> None:
        group, leaver = self._member()
        self._group_deed(groups.quit_group, chat_id=group.chat_id, external_userid=leaver)

    def kick(self) -> None:
        group, leaver = self._member()
        self._group_deed(groups.kick, chat_id=group.chat_id, ids=[leaver])

    def rename_group(self) -> None:
        name = f"改名{self.chance.randrange(999)}群"
        self._group_deed(groups.rename_group, chat_id=self._chat().chat_id, name=name)

    def post_notice(self) -> None:
        self._group_deed(groups.post_notice, chat_id=self._chat().chat_id, notice=self.chance.choice(NOTES))

    def pass_group(self) -> None:
        self._group_deed(groups.pass_group, chat_id=self._chat().chat_id, owner=self._server())

    def dismiss(self) -> None:
        self._group_deed(groups.dismiss_group, chat_id=self._chat().chat_id)

    # administrators

    def new_tag(self) -> None:
        world, corp = self.stage.simulator.world, self.stage.corp
        console.create_tag(world, corp, group=self._group().name, name=f"标签{self.chance.randrange(10_000)}")

    def rename_tag(self) -> None:
        world, corp = self.stage.simulator.world, self.stage.corp
        console.rename_tag(
            world, corp, id=self._pick(sorted(corp.tags.tags)), name=f"改名{self.chance.randrange(9999)}"
        )

    def delete_tag(self) -> None:
        world, corp = self.stage.simulator.world, self.stage.corp
        console.delete_tag(world, corp, id=self._pick(sorted(corp.tags.tags)))

    def shuffle(self) -> None:
        console.shuffle_tags(self.stage.simulator.world, self.stage.corp, group_id=self._group().id)

    # whom and what

    def _servers(self) -> list[str]:
        return [member.userid for member in self.stage.company.members if member.serves]

    def _server(self) -> str:
        return self._pick(self._servers())

    def _relation(self, *standings: Standing) -> Relation:
        wanted = standings or tuple(Standing)
        return self._pick([one for one in self.stage.corp.contacts if one.standing in wanted])

    def _left(self, userid: str, external_userid: str) -> Relation | None:
        relation = self.stage.corp.contacts.between(userid, external_userid)
        return relation if relation and relation.standing is Standing.LEFT else None

    def _group_deed(self, deed: Callable[..., Any], **about: Any) -> None:
        deed(self.stage.simulator.world, self.stage.corp, **about)

    def _chat(self) -> Any:
        alive = [one for one in self.stage.corp.groups.by_id.values() if not one.now.dismissed]
        return self._pick([one for one in alive if self.stage.corp.directory.find(one.now.owner)])

    def _member(self) -> tuple[Any, str]:
        group = self._chat()
        return group, self._pick(sorted(set(group.now.members) - {group.now.owner}))

    def _group(self) -> Any:
        return self._pick(list(self.stage.corp.tags.groups.values()))

    def _pick(self, things: Sequence[Any]) -> Any:
        if not things:
            raise Impossible("there is none")
        return self.chance.choice(things)
