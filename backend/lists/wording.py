# ruff: noqa: S608 (statements are put together from names that stand here, never from values)
"""Finding words inside the list's rows by an index, as many letters as they have: `listing.words` stays what decides.

Chinese has no spaces, so what is indexed are letters that stand side by side. PostgreSQL: an inverted index over
pairs of letters, and single ones beyond ASCII. SQLite: its full-text index over three letters each, in which shorter
words are looked up as beginnings; two blanks after the text make a beginning of its last letters too. Triggers keep
it, so no writer can pass it by.
"""

from typing import Any

MOST = 40  # letters of a word that are looked up; LIKE sees to the others
_LAST = "\U0010ffff" * 2  # behind every two letters
_DELETE = "INSERT INTO listing_words(listing_words, rowid, words) VALUES ('delete', old.n, old.words || '  ')"

SQLITE = (
    (
        "CREATE VIRTUAL TABLE listing_words USING fts5(words, content='', columnsize=0, detail='none',"
        " tokenize='trigram case_sensitive 1')"
    ),
    "CREATE VIRTUAL TABLE listing_letters USING fts5vocab(listing_words, instance)",
    (
        "CREATE TRIGGER listing_words_new AFTER INSERT ON listing BEGIN"
        " UPDATE listing SET n = (SELECT coalesce(max(n), 0) + 1 FROM listing) WHERE org = new.org AND id = new.id;"
        " INSERT INTO listing_words(rowid, words) SELECT n, words || '  ' FROM listing"
        " WHERE org = new.org AND id = new.id; END"
    ),
    (
        "CREATE TRIGGER listing_words_changed AFTER UPDATE OF words ON listing WHEN old.words <> new.words BEGIN"
        f" {_DELETE}; INSERT INTO listing_words(rowid, words) VALUES (new.n, new.words || '  '); END"
    ),
    f"CREATE TRIGGER listing_words_gone AFTER DELETE ON listing BEGIN {_DELETE}; END",
)
"""Made with the table; the migration that adds them has the same text."""

POSTGRESQL = (
    (
        "CREATE FUNCTION listing_letters(said text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$"
        " SELECT coalesce(array_agg(part), '{}') FROM ("
        "SELECT one || next AS part"
        " FROM unnest(string_to_array(said, NULL), string_to_array(substr(said, 2), NULL)) AS letters(one, next)"
        " WHERE next IS NOT NULL UNION ALL"
        " SELECT one FROM unnest(string_to_array(said, NULL)) AS one WHERE one > '~' COLLATE \"C\""
        ") AS parts $$"
    ),
    "CREATE INDEX listing_words ON listing USING gin (listing_letters(words))",
)


def indexed(word: str) -> bool:
    """A single letter of ASCII stands nearly everywhere: reading through costs less than looking it up."""
    return len(word) > 1 or not word.isascii()


def exact(word: str, *, postgres: bool) -> bool:
    """Whether the index alone decides."""
    return len(word) <= (2 if postgres else 3)


def may_stand(word: str, name: str, values: dict[str, Any], *, postgres: bool) -> str:
    """The condition that an index answers, for a word that is `indexed`. Its values are put into `values`."""
    size = min(2 if postgres else 3, len(word))
    parts = [word[i : i + size] for i in range(min(len(word), MOST) - size + 1)]
    if postgres:
        values[name] = parts
        return f"listing_letters(words) @> CAST(:{name} AS text[])"
    if size == 3:
        values[name] = " AND ".join('"' + part.replace('"', '""') + '"' for part in parts)
        return f"n IN (SELECT rowid FROM listing_words WHERE listing_words MATCH :{name})"
    values |= {name: word, f"{name}_to": word + _LAST}
    return f"n IN (SELECT doc FROM listing_letters WHERE term >= :{name} AND term <= :{name}_to)"
