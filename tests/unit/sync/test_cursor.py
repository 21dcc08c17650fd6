import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.cursor import Cursor, Place, parse, start
from sync.errors import SyncError


def test_a_new_reader_begins_every_scope_from_nothing() -> None:
    cursor = start(1, 1, ("org", "u:a"), {"org": 40})
    assert cursor.places == {"org": Place(0, 40), "u:a": Place(0, 0)}
    assert cursor.behind({"org": 40}) == ["org"]


def test_scopes_at_equal_places_share_a_group() -> None:
    cursor = parse("1.1.5@org;5@u:a;9@u:b")
    assert str(cursor) == "1.1.5@org,u:a;9@u:b"


def test_a_granted_scope_is_read_first() -> None:
    heads = {"org": 70, "u:a": 60, "u:b": 30}
    cursor = parse("1.1.50@org,u:a").with_scopes(("org", "u:a", "u:b"), heads)
    assert cursor.behind(heads) == ["u:b", "org", "u:a"]
    for scope in ("u:b", "org", "u:a"):
        cursor = cursor.advanced(scope, heads[scope])
    assert str(cursor) == "1.1.30@u:b;60@u:a;70@org"
    assert cursor.behind(heads) == []


def test_a_withdrawn_scope_leaves_the_cursor() -> None:
    assert str(parse("1.1.50@org,u:a").with_scopes(("org",), {"org": 70})) == "1.1.50@org"


def test_a_place_before_its_start_keeps_the_start() -> None:
    cursor = start(2, 3, ("org",), {"org": 40}).advanced("org", 10)
    assert str(cursor) == "2.3.10^40@org"
    assert str(cursor.advanced("org", 40)) == "2.3.40@org"


def test_the_horizon_asks_for_the_start_when_that_is_later() -> None:
    assert parse("1.1.10@org").below({"org": 20})
    assert not parse("1.1.10@org").below({"u:a": 20})
    assert not parse("1.1.10^30@org").below({"org": 20})
    assert not parse("1.1.20@org").below({"org": 20})


def test_a_reader_that_knows_more_than_the_server_is_ahead() -> None:
    assert parse("1.1.10@org").ahead({"org": 9})
    assert not parse("1.1.10@org").ahead({"org": 10})


PLACES = st.builds(Place, st.integers(0, 10**15), st.integers(0, 10**15))


@given(st.dictionaries(st.sampled_from(["org", "control", "u:a-1", "p:b_2"]), PLACES, max_size=4))
def test_a_cursor_reads_back_as_it_was_written(places: dict[str, Place]) -> None:
    cursor = parse(str(Cursor(1, 1, places)))
    assert parse(str(cursor)) == cursor


@given(st.text(alphabet="0123456789.^,;u:\n%"))
def test_any_other_text_starts_again(text: str) -> None:
    with pytest.raises(SyncError, match="resync"):
        parse("1.1." + text + "@")
