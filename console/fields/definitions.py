"""Fields: what a corp notes of its customers beyond WeCom."""

from typing import Annotated, Literal

from pydantic import Field as Described

from console.api.call import Call
from console.api.problem import Problem, invalid, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Key, Line, Page, Shape
from console.api.words import Words
from console.noted import FieldDefinition
from console.uses import refuse_used
from sop import fields as rules
from sop.errors import Invalid
from sop.fields import BUILT_IN, DROP, MOST_FIELDS, Choice, Field
from sop.jobs import Plan

routes = Routes()
_FIELD = Words("字段", "field")
_EXISTS = Words("已有同名字段", "a field of this name exists")
_ENDING = Words(
    "同名字段的旧值正在清除，请稍候", "values of a field of this name are still being removed: wait a moment"
)
_FULL = Words(f"最多 {MOST_FIELDS} 个字段", f"a corp has at most {MOST_FIELDS} fields")


class ChoiceIn(Shape):
    """One of the values of a choice."""

    value: Line
    zh: Line = ""
    en: Line = ""


_Choices = Annotated[tuple[ChoiceIn, ...], Described(max_length=rules.CHOICES.most)]


class NewField(Shape):
    """A field. `kind` and `unique` stay for good; a unique text, such as a phone number, tells who is meant."""

    name: Line
    kind: Literal["text", "number", "date", "choice", "flag"]
    zh: Line = ""
    en: Line = ""
    choices: _Choices = ()
    personal: bool = False
    unique: bool = False


class FieldChange(Shape):
    """What is to be different; what is left out stays. Customers keep a choice that is taken away here."""

    zh: Line | None = None
    en: Line | None = None
    choices: _Choices | None = None
    personal: bool | None = None


@routes.on("GET /fields", Permission.READ_CUSTOMERS, "客户字段列表", "List the fields of customers")
async def browse(call: Call) -> Page[FieldDefinition]:
    """The built-in ones first: stage (客户阶段) and score (客户评分)."""
    return Page(items=tuple(_show(field) for field in (await call.store.fields.all()).values()))


@routes.on("POST /fields", Permission.WRITE_FIELDS, "新建客户字段", "Define a field of customers", status=201)
async def create(call: Call, body: NewField) -> FieldDefinition:
    """Its name, in lowercase letters, is what conditions, flows and tables call it."""
    field = Field(
        name=body.name,
        kind=body.kind,
        zh=body.zh,
        en=body.en,
        choices=_choices(body.choices),
        personal=body.personal,
        unique=body.unique,
    )
    known = await call.store.fields.all()
    if field.name in known:
        raise invalid("name", _EXISTS)
    if len(known) >= MOST_FIELDS:
        raise invalid("name", _FULL)
    if await call.store.fields.ending(field.name):
        raise Problem("state", reason_zh=_ENDING.zh, reason_en=_ENDING.en)
    return _store(call, field)


@routes.on("PATCH /fields/{name}", Permission.WRITE_FIELDS, "修改客户字段", "Change a field of customers")
async def change(call: Call, name: Key, body: FieldChange) -> FieldDefinition:
    """Labels, choices, and who may see it; the stages of customers are the choices of `stage`."""
    field = await _find(call, name)
    changed = Field(
        name=field.name,
        kind=field.kind,
        zh=field.zh if body.zh is None else body.zh,
        en=field.en if body.en is None else body.en,
        choices=field.choices if body.choices is None else _choices(body.choices),
        personal=field.personal if body.personal is None else body.personal,
        unique=field.unique,
    )
    return _store(call, changed)


@routes.on("DELETE /fields/{name}", Permission.WRITE_FIELDS, "删除客户字段", "Delete a field", status=204)
async def remove(call: Call, name: Key) -> None:
    """Refused while something uses it. It is seen no more at once; a job takes its values away. Built-in ones stay."""
    field = await _find(call, name)
    if field.name in BUILT_IN:
        zh, en = "内置字段不能删除", "a built-in field cannot be deleted"
        raise Problem("state", reason_zh=zh, reason_en=en)
    await refuse_used(call, "field", field.name)
    call.store.fields.end(field.name)
    call.store.jobs.start(DROP, [Plan(name=field.name)], name=field.name, body={"field": field.name})


def _store(call: Call, field: Field) -> FieldDefinition:
    if found := rules.check(field):
        raise Invalid(found)
    call.store.fields.define(field)
    return _show(field)


async def _find(call: Call, name: str) -> Field:
    field = (await call.store.fields.all()).get(name)
    if field is None:
        raise missing(_FIELD)
    return field


def _choices(given: tuple[ChoiceIn, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(value=each.value, zh=each.zh, en=each.en) for each in given)


def _show(field: Field) -> FieldDefinition:
    return FieldDefinition.model_validate({**_plain(field), "built_in": field.name in BUILT_IN})


def _plain(field: Field) -> dict[str, object]:
    names = ("name", "kind", "zh", "en", "choices", "personal", "unique")
    return {name: getattr(field, name) for name in names}
