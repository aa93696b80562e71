"""The values of one customer's fields, set by hand."""

from typing import Annotated

from pydantic import Field as Described

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Shape
from console.customers import find
from console.noted import FieldOnCustomer, show_values
from sop.errors import Invalid
from sop.fields import Change, read
from sop.limits import Violation
from sop.reasons import explain

routes = Routes()
_MOST = 100


class ValuesIn(Shape):
    """What is to be noted, by name of the field; null takes it away, what is left out stays.

    Text and choice take a text, number a number, date a text such as 2026-05-01, flag true or false.
    """

    values: Annotated[dict[Key, str | int | float | bool | None], Described(min_length=1, max_length=_MOST)]


class CustomerFields(Answer):
    """What is known of a customer now."""

    external_user_id: str
    fields: tuple[FieldOnCustomer, ...]


@routes.on(
    "PATCH /customers/{external_user_id}/fields",
    Permission.MARK_CUSTOMERS,
    "修改客户字段值",
    "Set fields of a customer",
)
async def change(call: Call, external_user_id: Key, body: ValuesIn) -> CustomerFields:
    """Each change is told in the customer's timeline, with what was there before; flows may wait for it."""
    await find(call, external_user_id)
    known = await call.store.fields.all()
    changes: list[Change] = []
    found: list[Violation] = []
    for name, given in body.values.items():
        where = f"values.{name}"
        if name not in known:
            names = "、".join(known), ", ".join(known)
            found.append(Violation(where, f"没有这个字段；可用：{names[0]}", f"is no field; there are {names[1]}"))
            continue
        value, wrong = (None, []) if given is None else read(known[name], given, where)
        found += wrong
        changes.append(Change(external_user_id=external_user_id, name=name, value=value))
    if found:
        raise Invalid(found)
    before = await call.store.fields.of(external_user_id)
    refused = await call.store.fields.put(changes, user_id=call.principal.user_id, source="api")
    if refused:
        raise Invalid([Violation(f"values.{each.name}", *explain(reason)) for each, reason in refused])
    now = before | {each.name: each.value for each in changes if each.value is not None}
    for each in changes:
        if each.value is None:
            now.pop(each.name, None)
    return CustomerFields(external_user_id=external_user_id, fields=show_values(call.principal, known, now))
