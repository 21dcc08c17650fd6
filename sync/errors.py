"""Codes of `sync`: a refused request raises `SyncError`, a refused operation carries a code in its result.

Codes are stable: phones translate them and outside programs branch on them. The words and the HTTP status
belong to the application.
"""

from typing import Any

REQUEST_CODES = {
    "malformed": "the request is not the JSON that the protocol describes",
    "too_large": "more bytes or more operations than `limit`",
    "unsupported_encoding": "Content-Encoding is neither identity nor gzip",
    "gap": "an operation number is missing; `expected` is the next one",
    "device_fork": "operation `n` came before with other content: two phones share this device id",
    "device_unknown": "the device is not registered for this person",
    "device_revoked": "the device was revoked",
    "device_taken": "the device id belongs to another person",
    "resync": "what is asked or sent is of before: another epoch, older than the horizon, an older schema: start again",
    "exception_unknown": "no such exception, or none the caller may see",
    "exception_settled": "settled before, by `name` (`by`) at `at`; `how` says what was chosen",
    "exception_choice": "not a choice that the caller has here; letting a refusal be needs a reason",
    "exception_changed": "the record was changed meanwhile; look again, it is at `rev` now",
    "exception_refused": "the value cannot be taken over; `refusal` is the code of the refused operation",
    "schema_too_old": "pull needs at least `min_schema`",
    "schema_too_new": "the operations are of a newer app than this server, which knows up to `schema`",
}

RESULT_CODES = {
    "malformed": "the operation itself is not as the protocol describes",
    "too_big": "the operation's data has more than `limit` bytes",
    "bad_id": "an id is not a lower-case UUIDv7, or belongs to a record of another kind or to another event",
    "unknown_kind": "no such kind",
    "unknown_event": "the kind has no such event",
    "invalid": "a field is missing, unknown, of the wrong type or out of bounds, see `issues`",
    "forbidden": "the caller's roles do not allow it",
    "foreign_unit": "the record belongs to a unit outside the caller's scopes",
    "not_found": "no such record, or none the caller may see",
    "frozen": "the record's state allows no edit any more",
    "bad_transition": "the event does not lead out of the record's `state`",
    "log_full": "the record has as many events as one record may have",
    "revived": "applied: the record had been deleted, and this edit, which did not know it, brought it back",
    "failed": "the server could not carry it out; the operation is kept for an operator",
}


class SyncError(Exception):
    """Refuses the whole request. `code` is one of `REQUEST_CODES`; `facts` go into the problem document."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
