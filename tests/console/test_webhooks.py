"""Webhooks over the API: their secret is shown once, and they never lead inside."""

import pytest

HOOK = {"name": "商城", "url": "https://hooks.example.com/siyu?x=1"}


async def test_a_secret_is_shown_once(site):
    headers = {"Idempotency-Key": "once"}
    status, made = await site("operator", "POST", "/webhooks", HOOK, headers=headers)
    assert (status, made["secret"][:6], len(made["secret"])) == (201, "whsec_", 50)
    assert made["url"] == HOOK["url"]
    _, again = await site("operator", "POST", "/webhooks", HOOK, headers=headers)
    assert (again["id"], again["secret"]) == (made["id"], None)
    for path in ("/webhooks", f"/webhooks/{made['id']}"):
        response = await site.ask("admin", "GET", path)
        assert made["secret"] not in await response.text()
    held = await site.store().webhooks.get(int(made["id"]))
    assert "whsec_" not in repr(held)


async def test_a_webhook_is_changed_switched_off_and_deleted(site):
    _, made = await site("operator", "POST", "/webhooks", HOOK)
    path = f"/webhooks/{made['id']}"
    status, changed = await site("operator", "PATCH", path, {"enabled": False, "url": "https://a.example.com/"})
    assert (status, changed) == (
        200,
        {"id": made["id"], "name": "商城", "url": "https://a.example.com/", "enabled": False},
    )
    _, renewed = await site("operator", "POST", f"{path}/secret")
    assert renewed["secret"] not in {None, made["secret"]}
    assert (await site("operator", "DELETE", path))[0] == 204
    assert (await site("operator", "GET", path))[0] == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/", "http://localhost/", "http://10.1.2.3/", "http://192.168.0.1/", "http://[::1]/",
        "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/latest/meta-data", "http://2130706433/", "http://0/",
        "https://user:secret@hooks.example.com/", "ftp://hooks.example.com/", "hooks.example.com", "https://",
        "https://hooks.example.com:99999/", "https://hooks.example.com/a b", "file:///etc/passwd",
    ],
)  # fmt: skip
async def test_an_address_that_leads_inside_or_nowhere_is_refused(open_site, corps, url):
    site = await open_site(corps, inside=False)
    status, problem = await site("operator", "POST", "/webhooks", {"name": "a", "url": url})
    assert (status, [error["field"] for error in problem["errors"]]) == (422, ["url"])
    _, made = await site("operator", "POST", "/webhooks", HOOK)
    assert (await site("operator", "PATCH", f"/webhooks/{made['id']}", {"url": url}))[0] == 422


async def test_our_own_machine_is_allowed_where_wecom_is_on_it(site):
    assert (await site("operator", "POST", "/webhooks", {"name": "a", "url": "http://127.0.0.1:1/"}))[0] == 201


async def test_a_test_is_wanted_once_for_each_time_it_is_asked_for(site):
    _, made = await site("operator", "POST", "/webhooks", HOOK)
    for _ in range(2):
        status, test = await site("operator", "POST", f"/webhooks/{made['id']}/test")
        assert (status, test["status"]) == (202, "open")
    _, page = await site("operator", "GET", "/intents?kind=call_webhook")
    assert len(page["items"]) == 2
    assert page["items"][0]["effect"].startswith(f"webhook:{made['id']}:test:")
    for role in ("reviewer", "rep", "integration"):
        assert (await site(role, "POST", f"/webhooks/{made['id']}/test"))[0] == 403
