from sop.staff import Department, Member, below, climb, led

TREE = {
    1: Department(id=1, leaders=("boss",)),
    2: Department(id=2, parent_id=1),
    3: Department(id=3, parent_id=2, leaders=("chen", "lin")),
}


def test_leads_are_found_from_near_to_far():
    member = Member(user_id="rep", departments=(3,), leader="zhao")
    assert list(climb(member, TREE)) == [("zhao",), ("chen", "lin"), ("boss",)]


def test_nobody_leads_themself():
    assert list(climb(Member(user_id="chen", departments=(3,), leader="chen"), TREE)) == [("lin",), ("boss",)]
    assert list(climb(Member(user_id="boss", departments=(1,)), TREE)) == []


def test_a_circle_in_the_tree_ends_the_climb():
    tree = {4: Department(id=4, parent_id=5, leaders=("a",)), 5: Department(id=5, parent_id=4, leaders=("b",))}
    assert list(climb(Member(user_id="rep", departments=(4,)), tree)) == [("a",), ("b",)]


def test_two_departments_are_climbed_side_by_side():
    tree = {**TREE, 9: Department(id=9, parent_id=1, leaders=("mei",))}
    assert list(climb(Member(user_id="rep", departments=(3, 9)), tree)) == [("chen", "lin", "mei"), ("boss",)]


def test_a_leader_leads_what_either_side_says_and_all_below():
    assert led(Member(user_id="boss"), TREE) == {1, 2, 3}
    assert led(Member(user_id="rep", leads=(2,)), TREE) == {2, 3}
    assert led(Member(user_id="rep", departments=(1,)), TREE) == frozenset()


def test_who_has_left_leads_nobody():
    assert led(Member(user_id="boss", leads=(2,), active=False), TREE) == frozenset()


def test_a_circle_in_the_tree_ends_the_descent():
    tree = {4: Department(id=4, parent_id=5), 5: Department(id=5, parent_id=4)}
    assert below({4}, tree) == {4, 5}
