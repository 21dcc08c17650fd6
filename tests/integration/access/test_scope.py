"""The one scope function, as pure decisions."""

from backend.access.scope import scopes
from backend.access.throttle import lock_s

TREE = {"city": None, "county": "city", "a": "county", "b": "county", "b1": "b"}


def test_who_controls_sees_his_unit_and_all_below() -> None:
    expected = ("control", "org", "p:x", "u:a", "u:b", "u:b1", "u:county")
    assert scopes("x", "county", {"inspector"}, TREE) == expected


def test_a_station_sees_itself_only() -> None:
    for role in ("crew", "manager"):
        assert scopes("x", "b", {role}, TREE) == ("org", "p:x", "u:b")


def test_the_head_of_a_station_is_of_the_inspected_unit_and_does_not_control() -> None:
    for role in ("leader", "supervisor", "inspector", "admin", "auditor"):
        assert scopes("x", "b", {role}, TREE, stations={"a", "b"}) == ("org", "p:x", "u:b", "u:b1")


def test_without_roles_or_unit_little_is_left() -> None:
    assert scopes("x", None, (), TREE) == ("org", "p:x")
    assert scopes("x", "gone", (), TREE) == ("org", "p:x")


def test_a_circle_in_the_tree_ends() -> None:
    found = scopes("x", "a", {"leader"}, {"a": "b", "b": "a"})
    assert found == ("control", "org", "p:x", "u:a", "u:b")


def test_a_lock_doubles_with_each_failure_up_to_the_longest() -> None:
    assert [lock_s(n, 5, 30, 3600) for n in (4, 5, 6, 7, 12, 500)] == [0, 30, 60, 120, 3600, 3600]
