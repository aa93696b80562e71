"""A member writes to the bot and is answered."""


async def ask(stage, words):
    before = len(stage.inbox(stage.rep))
    stage.write(stage.rep, words)
    await stage.until(lambda: len(stage.inbox(stage.rep)) > before)
    await stage.until(stage.idle)
    assert len(stage.inbox(stage.rep)) == before + 1
    return str(stage.inbox(stage.rep)[-1]["content"])


async def test_a_member_is_helped_told_of_the_day_and_of_customers(siyu):
    channel = await siyu.channel(name="展会", welcome={"text": "你好"})
    relation = siyu.scan(channel, name="王小明")
    await siyu.until(lambda: siyu.greetings(relation))
    await siyu.until(siyu.idle)
    usage = await ask(siyu, "帮助")
    assert "今日" in usage
    assert "客户" in usage
    assert "1" in await ask(siyu, "今日")
    found = await ask(siyu, "客户 小明")
    assert "王小明" in found
    assert "展会" in found
    assert relation.external_userid in found
    assert "没有" in await ask(siyu, "客户 无此人")
    assert "今日" in await ask(siyu, "天气怎么样")


async def test_the_customers_of_another_member_are_not_told(siyu):
    relation = siyu.add(siyu.team[3], name="王小明")
    await siyu.until(lambda: siyu.inbox(relation.userid))
    await siyu.until(siyu.idle)
    assert relation.external_userid not in await ask(siyu, "客户 小明")


async def test_the_same_question_is_answered_each_time(siyu):
    first = await ask(siyu, "帮助")
    siyu.push(1)  # WeCom takes the same words for a repetition, so answers tell their second
    second = await ask(siyu, "帮助")
    assert first.rpartition("·")[0] == second.rpartition("·")[0]
    assert first != second
