"""Tokens: who may call this API; made and taken away by administrators."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from console.api.call import Call
from console.api.problem import invalid, missing
from console.api.roles import PERSONAL, Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Name, Page, Shape
from console.api.words import Words
from storage import tokens
from storage.tokens import Tokens

routes = Routes()
_TOKEN = Words("有效的令牌", "token that is still valid")
Member = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
_OF = Words("应为该员工所在的企业", "is the corp that the member is of")
_WHOSE = Words("角色为 rep 或 leader 时必填，其他角色不填", "is needed for a rep or a leader, and only for these")


class NewToken(Shape):
    """What a token stands for; a rep's or leader's speaks for a member of staff, who is of `corp_id`."""

    name: Name
    role: Literal["admin", "operator", "reviewer", "rep", "leader", "integration"]
    user_id: Member = ""
    corp_id: Member = ""


class Token(Answer):
    """A token as it is known here: the token itself is kept nowhere."""

    id: Identity
    name: str
    role: str
    user_id: str
    corp_id: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class IssuedToken(Answer):
    """A new token, shown this once: a repetition of the request finds `token` null."""

    id: Identity
    name: str
    role: str
    user_id: str
    corp_id: str
    token: str | None

    def keepsake(self) -> str:
        """Without the token."""
        return self.model_copy(update={"token": None}).model_dump_json()


@routes.on("GET /tokens", Permission.MANAGE_TOKENS, "令牌列表", "List tokens", corp_matters=False)
async def browse(call: Call) -> Page[Token]:
    """Every token ever made, revoked ones too."""
    found = await Tokens(call.console.database).list()
    return Page(items=tuple(Token.model_validate(token) for token in found))


@routes.on("POST /tokens", Permission.MANAGE_TOKENS, "新建令牌", "Make a token", status=201, corp_matters=False)
async def create(call: Call, body: NewToken) -> IssuedToken:
    """The answer is the only place where the token ever stands."""
    if (body.role in PERSONAL) != bool(body.user_id):
        raise invalid("user_id", _WHOSE)
    corps = [corp.id for corp in call.console.corps]
    corp_id = body.corp_id or (corps[0] if body.user_id and len(corps) == 1 else "")
    if bool(corp_id) != bool(body.user_id) or corp_id not in {"", *corps}:
        raise invalid("corp_id", _OF)
    identity, token = tokens.issue(
        call.store.scope.unit, body.role, name=body.name, now=call.now, member=(corp_id, body.user_id)
    )
    named = {"name": body.name, "role": body.role, "user_id": body.user_id, "corp_id": corp_id}
    return IssuedToken(id=identity, token=token, **named)


@routes.on(
    "DELETE /tokens/{token_id}", Permission.MANAGE_TOKENS, "吊销令牌", "Revoke a token", status=204, corp_matters=False
)
async def revoke(call: Call, token_id: Identity) -> None:
    """From now on it opens nothing; for good."""
    if not await Tokens(call.console.database).revoke(token_id, now=call.now):
        raise missing(_TOKEN)
