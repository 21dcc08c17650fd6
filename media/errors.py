"""What media refuses, as stable codes with facts. Status and words belong to the application."""

from collections.abc import Mapping
from typing import Any, Final

CODES: Final[Mapping[str, str]] = {
    "upload_header": "a tus header is missing or not readable; `header` names it",
    "tus_version": "Tus-Resumable is missing or not 1.0.0",
    "content_type": "the body of PATCH is not application/offset+octet-stream",
    "empty_upload": "a photo of 0 bytes",
    "too_large": "the photo or this body is larger than `limit` bytes",
    "quota_exceeded": "too many unfinished uploads on this device; `limit` and `unit` say which bound",
    "upload_unknown": "no such upload of this person",
    "upload_gone": "the upload expired or was terminated; create it again",
    "upload_offset": "Upload-Offset is not where the server stands; `offset` is the true one",
    "upload_taken_over": "a newer request continues this upload; ask for the offset again",
    "checksum_algorithm": "Upload-Checksum names an algorithm that is not supported",
    "checksum_mismatch": "the piece does not match Upload-Checksum; it was discarded",
    "hash_mismatch": "the whole photo does not have the declared SHA-256; it was discarded",
    "not_a_photo": "the bytes are of no accepted format of pictures, sound or moving pictures",
    "type_mismatch": "the bytes are of another type than was declared; `actual` is the true one",
    "photo_list": "the list of photos is not readable or longer than 500",
    "photo_unknown": "no such photo, or none that the caller may see",
    "view_unknown": "no view of that name",
    "view_missing": "the view does not exist (yet); `derived` and `reason` say why",
    "range": "the asked range lies outside the photo",
    "storage_full": "no room to stage the upload; what was acknowledged is kept",
    "store_unavailable": "the object store does not answer; what was acknowledged is kept, try again",
}


class MediaError(Exception):
    """A refusal. `code` is a key of CODES, `facts` are safe to show to the caller.

    The fact `headers` goes into the answer's headers instead of its body.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        if code not in CODES:
            raise ValueError(f"undocumented code {code!r}")
        super().__init__(code)
        self.code = code
        self.facts = facts


class StoreUnfit(Exception):  # noqa: N818 - reads as what it says
    """A bucket is not what its setting says, and cannot be made so. The text tells an operator what to do."""
