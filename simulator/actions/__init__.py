"""What people do in the virtual world, by name: functions of the world, the corp and their own parameters."""

from collections.abc import Callable

from simulator.actions import acquisition, console, customers, groups, staff

ACTIONS: dict[str, Callable[..., object]] = {
    "scan": customers.scan,
    "add": customers.add,
    "accept": customers.accept,
    "reply": customers.reply,
    "leave": customers.leave,
    "decline": customers.decline,
    "open_link": acquisition.open_link,
    "come": acquisition.come,
    "buy_quota": acquisition.buy_quota,
    "delete_link": acquisition.delete_link,
    "write_intercept": acquisition.write_intercept,
    "found_strategy": acquisition.found_strategy,
    "remove": staff.remove,
    "tag": staff.tag,
    "note": staff.note,
    "write": staff.write,
    "enter": staff.enter,
    "click": staff.click,
    "confirm": staff.confirm,
    "resign": staff.resign,
    "found_group": groups.found_group,
    "invite": groups.invite,
    "join_group": groups.join_group,
    "quit_group": groups.quit_group,
    "kick": groups.kick,
    "rename_group": groups.rename_group,
    "post_notice": groups.post_notice,
    "pass_group": groups.pass_group,
    "appoint": groups.appoint,
    "dismiss_group": groups.dismiss_group,
    "create_tag": console.create_tag,
    "create_strategy_tag": console.create_strategy_tag,
    "rename_tag": console.rename_tag,
    "delete_tag": console.delete_tag,
    "shuffle_tags": console.shuffle_tags,
    "assign": console.assign,
}
