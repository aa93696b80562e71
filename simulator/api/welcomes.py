"""The endpoint that greets a new customer (page 92137)."""

from simulator.api.attachments import read_content
from simulator.api.call import Answer, Call, contact
from simulator.errors import Refusal
from simulator.world.contacts import Received


def send(call: Call) -> Answer:
    """Answer send_welcome_msg: 41049 no code, 41050 dead, 41051 greeted already, 41096 being sent."""
    code = call.body.text("welcome_code", missing=41049)
    content = read_content(call)
    known = call.corp.welcomes.codes.get(code)
    if known is not None:
        member = call.corp.directory.find(known.relation.userid)
        if member is None or not call.sees(member):
            raise Refusal(60011, known.relation.userid)
        call.hold(("welcome", call.corp.id, code), code=41096)
    welcome = call.corp.welcomes.redeem(code, now=call.now)
    relation = welcome.relation
    customer = call.corp.contacts.customers[relation.external_userid]
    customer.received.append(Received(call.now, "welcome", relation.userid, content))
    return {}


ROUTES = {"externalcontact/send_welcome_msg": contact(send)}
