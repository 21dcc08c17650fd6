import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.cursor import Cursor, Group, parse, start
from sync.errors import SyncError


def test_a_new_reader_begins_every_scope_from_nothing() -> None:
    cursor = start(1, 1, ("org", "u:a"), head=40)
    assert cursor.groups == (Group(0, 40, ("org", "u:a")),)
    assert cursor.lowest(40) == (cursor.groups[0], 40)


def test_scopes_at_one_place_share_a_group() -> None:
    cursor = parse("1.1.5@org;5@u:a;9@u:b")
    assert str(cursor) == "1.1.5@org,u:a;9@u:b"


def test_a_granted_scope_is_read_first_up_to_the_others() -> None:
    cursor = parse("1.1.50@org,u:a").with_scopes(("org", "u:a", "u:b"), head=70)
    low, upto = cursor.lowest(70) or pytest.fail("nothing to read")
    assert (low.scopes, upto) == (("u:b",), 50)
    cursor = cursor.advanced(low, 50)
    assert len(cursor.groups) == 2  # the others still need what was gone before 70
    for _ in range(2):
        low, upto = cursor.lowest(70) or pytest.fail("nothing to read")
        cursor = cursor.advanced(low, upto)
    assert str(cursor) == "1.1.70@org,u:a,u:b"
    assert cursor.lowest(70) is None


def test_a_withdrawn_scope_leaves_the_cursor() -> None:
    assert str(parse("1.1.50@org,u:a").with_scopes(("org",), head=70)) == "1.1.50@org"


def test_a_place_before_its_start_keeps_the_start() -> None:
    cursor = start(2, 3, ("org",), head=40)
    cursor = cursor.advanced(cursor.groups[0], 10)
    assert str(cursor) == "2.3.10^40@org"
    assert str(cursor.advanced(cursor.groups[0], 40)) == "2.3.40@org"


def test_the_horizon_asks_for_the_start_when_that_is_later() -> None:
    assert parse("1.1.10@org").below(20)
    assert not parse("1.1.10^30@org").below(20)
    assert not parse("1.1.20@org").below(20)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**15),
            st.integers(0, 10**15),
            st.sets(st.sampled_from(["org", "control", "u:a-1", "p:b_2"]), min_size=1),
        ),
        max_size=4,
    )
)
def test_a_cursor_reads_back_as_it_was_written(groups: list[tuple[int, int, set[str]]]) -> None:
    cursor = parse(str(Cursor(1, 1, tuple(Group(p, s, tuple(scopes)) for p, s, scopes in groups))))
    assert parse(str(cursor)) == cursor


@given(st.text(alphabet="0123456789.^,;u:\n%"))
def test_any_other_text_starts_again(text: str) -> None:
    with pytest.raises(SyncError, match="resync"):
        parse("1.1." + text + "@")
