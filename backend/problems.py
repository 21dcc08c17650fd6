"""Every refusal the server knows: code, HTTP status, words. The only place with status and words.

Answers are `application/problem+json` (RFC 9457): `type` is `/problems/<code>` and keeps its meaning,
`title` is in the reader's language, the facts of the refusal stand beside. docs/problems.md is this table.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, InternalServerException, ValidationException

from backend.trouble import trouble
from media.errors import MediaError
from sync.errors import SyncError

log = structlog.get_logger("http")


class Problem(NamedTuple):
    """`status` is None for a code that only stands in the answer to one operation of a push."""

    status: int | None
    zh: str
    en: str


CATALOGUE: Final[Mapping[str, Problem]] = {
    # who asks
    "session_expired": Problem(401, "登录已失效，请重新登录", "Not signed in, or the sign-in has expired"),
    "bad_credentials": Problem(401, "用户名或密码不正确", "The name or the password is not right"),
    "locked_out": Problem(429, "尝试次数过多，请稍后再试", "Too many failed sign-ins; wait and try again"),
    "origin_refused": Problem(403, "请求来源不被信任", "From a foreign page, or without X-Mingcha: 1"),
    "forbidden": Problem(403, "没有此项权限", "Your role does not allow this"),
    "not_found": Problem(404, "没有找到，或无权查看", "There is no such thing, or you may not see it"),
    "busy": Problem(503, "系统繁忙，请稍后再试", "The server is busy; try again soon"),
    "already_settled": Problem(409, "已经有人定了", "Somebody has settled it already"),
    "not_reopened": Problem(409, "决定不能取回", "The decision cannot be taken back"),
    # the request
    "malformed": Problem(400, "请求格式不正确", "The request cannot be read"),
    "invalid": Problem(422, "内容不符合要求", "A field is missing, unknown or out of bounds"),
    "method_not_allowed": Problem(405, "不支持此请求方法", "The address does not know this method"),
    "too_large": Problem(413, "内容过大", "The request is larger than the limit"),
    "too_slow": Problem(408, "网络太慢，请求没有收完", "The request did not come in time; send it again"),
    "unsupported_encoding": Problem(415, "不支持的压缩方式", "This Content-Encoding is not supported"),
    "content_type": Problem(415, "不支持的内容类型", "The request's Content-Type is not supported"),
    "internal": Problem(500, "服务器内部错误", "The server made a mistake; it is in its log"),
    "unavailable": Problem(503, "服务暂不可用，请稍后再试", "Database or photo store do not answer"),
    "read_only": Problem(503, "服务器暂时只能查看，请稍后再试", "The database takes no changes for now"),
    # devices and sync
    "device_unknown": Problem(403, "设备未登记", "The device is not registered for this person"),
    "device_revoked": Problem(403, "设备已被停用", "The device was revoked"),
    "device_taken": Problem(409, "设备编号已属于他人", "The device id belongs to another person"),
    "device_fork": Problem(409, "两台设备使用了同一编号", "Two phones share this device id; take a new one"),
    "device_key_changed": Problem(409, "设备编号已绑定另一密钥", "The device id is bound to another key"),
    "gap": Problem(409, "操作序号不连续", "Operations are missing; send again from `expected`"),
    "resync": Problem(410, "需要重新同步", "The cursor is no longer good; start again without one"),
    "schema_too_old": Problem(426, "应用版本过旧，请更新", "The app is too old to read; sending still works"),
    "schema_too_new": Problem(503, "服务器正在升级，请稍后再试", "This server is older than the app; try again soon"),
    "exception_unknown": Problem(404, "没有此项例外，或无权查看", "There is no such exception, or you may not see it"),
    "exception_settled": Problem(409, "此项已由他人处理", "This was settled before, by `name`"),
    "exception_choice": Problem(422, "此项不能这样处理，或未写原因", "No choice of yours here, or without a reason"),
    "exception_changed": Problem(409, "记录刚被修改，请重新查看", "The record was changed meanwhile; look again"),
    "exception_refused": Problem(409, "此值不能写入记录", "The value cannot be taken over; `refusal` says why"),
    # units, people and their phones
    "last_admin": Problem(409, "至少要留一名长期有效的管理员", "One administrator without an end has to remain"),
    "name_taken": Problem(409, "已有同名的单位", "A unit of this name is there already"),
    "login_taken": Problem(409, "账号已被使用", "The account's name is taken"),
    "unit_in_use": Problem(409, "单位内还有人员或下级单位", "People or units are still in this unit"),
    "role_held": Problem(409, "这段时间内已有此角色", "The person has this role in that time already"),
    "deputy_unfit": Problem(409, "只能代理本单位他人持有的角色", "A deputy takes a role of another of his unit"),
    "enrolment_ended": Problem(401, "登记码无效或已过期", "The code is not right, used, or has ended"),
    # equipment from a table
    "import_unreadable": Problem(422, "文件不是能读取的设备表", "The file is no table of equipment; `why` says why"),
    "import_bad_rows": Problem(422, "表中还有需要改正的行", "Rows of the table have to be mended first"),
    "import_changed": Problem(409, "文件或台账在检查后有变，请重新检查", "File or register changed; check again"),
    # lists and exports
    "edited_meanwhile": Problem(409, "他人刚保存过，请先看他的改动", "`by` saved it meanwhile; look at that first"),
    "day_in_the_past": Problem(422, "生效日期太早，不能倒溯", "It may hold from `earliest` on, never for days gone by"),
    "too_many_forms": Problem(409, "表单已满", "There are `most` forms; use or withdraw one of them"),
    "xlsform_unreadable": Problem(422, "读不出这份 XLSForm", "The file cannot be read as an XLSForm; see `reason`"),
    "too_many_views": Problem(409, "保存的视图已满，请先删除一些", "You keep `most` views; forget one first"),
    "export_too_large": Problem(413, "一次导出的记录过多，请缩小范围", "Too many records; take `most` at a time"),
    "too_many_exports": Problem(409, "正在生成的导出过多，请等前面的完成", "Wait for those that are being made"),
    # receipts and rescue files
    "receipt_incomplete": Problem(409, "服务器上还不齐，不能出具交接凭证", "Not all is here: no receipt"),
    "rescue_not_ours": Problem(415, "不是明察的救援文件", "The file is no rescue file of this program"),
    "rescue_too_large": Problem(413, "救援文件过大", "The rescue file is larger than the limit"),
    "rescue_offset": Problem(409, "上传位置不一致", "Go on from the server's `offset`"),
    "rescue_unknown": Problem(404, "没有此救援文件", "There is no such rescue file; send it first"),
    "rescue_key_unknown": Problem(422, "文件不是为本服务器加密的", "Sealed for a key this server lacks"),
    "rescue_damaged": Problem(422, "救援文件已损坏或不完整", "The rescue file is damaged or cut short"),
    "rescue_foreign": Problem(403, "文件属于其他单位", "The rescue file belongs to another organisation"),
    "rescue_device_unknown": Problem(422, "文件来自未登记的设备", "Made by a phone that is not registered"),
    "rescue_unproven": Problem(422, "文件的设备签名不符", "The signature is not that of the phone named"),
    "rescue_owner_closed": Problem(422, "设备主人的账号已停用", "The account of the phone's owner is closed"),
    # photos
    "upload_header": Problem(400, "上传请求头不正确", "An upload header is missing or not readable"),
    "tus_version": Problem(412, "上传协议版本不支持", "Tus-Resumable must be 1.0.0"),
    "empty_upload": Problem(422, "照片内容为空", "The photo has no bytes"),
    "quota_exceeded": Problem(429, "未完成的上传过多", "This device has too many unfinished uploads"),
    "upload_unknown": Problem(404, "没有此上传任务", "There is no such upload"),
    "upload_gone": Problem(410, "上传任务已过期", "The upload has expired or was ended; create it again"),
    "upload_offset": Problem(409, "上传位置不一致", "Go on from the server's `offset`"),
    "upload_taken_over": Problem(409, "上传已由新的请求接管", "A newer request continues this upload"),
    "checksum_algorithm": Problem(400, "不支持的校验算法", "Upload-Checksum must use sha256"),
    "checksum_mismatch": Problem(460, "分片校验不一致", "The piece does not match its checksum"),
    "hash_mismatch": Problem(422, "照片与其哈希值不一致", "The photo does not have the declared SHA-256"),
    "not_a_photo": Problem(
        415, "不是可接受的图片或录音录像", "The bytes are no picture or recording of an accepted format"
    ),
    "type_mismatch": Problem(
        415, "文件的实际格式与声明的不同", "The bytes are of another type than was declared; `actual` is the true one"
    ),
    "photo_list": Problem(400, "照片清单不正确", "The list of photos cannot be read or is too long"),
    "photo_unknown": Problem(404, "没有此照片，或无权查看", "There is no such photo, or you may not see it"),
    "view_unknown": Problem(404, "没有此种视图", "There is no view of that name"),
    "view_missing": Problem(404, "视图尚未生成", "The view does not exist (yet)"),
    "range": Problem(416, "请求范围超出照片", "The range lies outside the photo"),
    "storage_full": Problem(507, "服务器存储空间不足", "The server is full; what was acknowledged is kept"),
    "store_unavailable": Problem(503, "照片存储暂不可用", "The photo store does not answer; try again soon"),
    # only about one operation of a push
    "too_big": Problem(None, "该操作内容过大", "The operation's data is larger than the limit"),
    "bad_id": Problem(None, "编号不正确", "An id is not a UUIDv7 or is already used for something else"),
    "unknown_kind": Problem(None, "未知的记录类型", "There is no such kind of record"),
    "unknown_event": Problem(None, "未知的事件", "The kind has no such event"),
    "foreign_unit": Problem(None, "不属于你的单位", "The record belongs to a unit that is not yours"),
    "frozen": Problem(None, "记录已提交，不能再修改", "The record can no longer be edited in its state"),
    "bad_transition": Problem(None, "当前状态不允许此操作", "The record's state does not allow this event"),
    "log_full": Problem(None, "记录事件已达上限", "The record has as many events as it may have"),
    "second_person_needed": Problem(None, "须由另一人办理", "Another person must do this"),
    "points_entered": Problem(None, "记分已入账，只能冲正", "The ledger has the points; only a reversal undoes them"),
    "sample_needed": Problem(None, "抽样还不够，不能一起通过", "Too few were looked at one by one"),
    "one_by_one": Problem(None, "这条记录须逐条审核", "This record has to be reviewed by itself"),
    "revived": Problem(None, "记录曾被删除，此修改使其恢复", "The record had been deleted; this edit brought it back"),
    "failed": Problem(None, "服务器未能处理，已保留待查", "The server could not carry it out; it is kept"),
}  # fmt: skip

RETRY_AFTER_S: Final = {
    "busy": 2,
    "read_only": 30,
    "schema_too_new": 60,
    "storage_full": 60,
    "unavailable": 5,
    "store_unavailable": 5,
    "quota_exceeded": 60,
}


class AppError(Exception):
    """A refusal by the application. `code` is a key of CATALOGUE, `facts` may be shown to the caller."""

    def __init__(self, code: str, **facts: Any) -> None:
        if code not in CATALOGUE:
            raise ValueError(f"undocumented code {code!r}")
        super().__init__(code)
        self.code = code
        self.facts = facts


def body(code: str, facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The problem document. `language` is an Accept-Language header."""
    problem = CATALOGUE[code]
    title = problem.en if prefers_english(language) else problem.zh
    return {
        **{k: v for k, v in facts.items() if k != "headers"},
        "type": f"/problems/{code}",
        "title": title,
        "status": problem.status or 500,
        "detail": str(facts.get("reason") or title),
        "code": code,
    }


def prefers_english(accept_language: str) -> bool:
    """Whether English stands before Chinese in an Accept-Language header; Chinese when neither does."""
    best = {"en": 0.0, "zh": 0.0}
    for part in accept_language.lower().split(","):
        tag, _, q = part.strip().partition(";q=")
        language = tag.split("-")[0]
        if language in best:
            try:
                best[language] = max(best[language], float(q) if q else 1.0)
            except ValueError:
                continue
    return best["en"] > best["zh"]


def answer(code: str, facts: Mapping[str, Any], language: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a problem, for code outside Litestar's handlers too."""
    document = body(code, facts, language)
    headers = {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        "vary": "Accept-Language",
    }
    after = facts.get("retry_after_s", RETRY_AFTER_S.get(code))
    if after is not None:
        headers["retry-after"] = str(after)
    if code in ("session_expired", "bad_credentials"):
        headers["www-authenticate"] = 'Mingcha realm="mingcha"'
    return document["status"], headers, msgspec.json.encode(document)


def respond(request: Request[Any, Any, Any], code: str, facts: Mapping[str, Any]) -> Response[bytes]:
    status, headers, content = answer(code, facts, request.headers.get("accept-language", ""))
    more = facts.get("headers")
    if isinstance(more, Mapping):
        headers.update({str(k): str(v) for k, v in more.items()})
    if "/api/v1/uploads" in request.url.path:
        headers["Tus-Resumable"] = "1.0.0"
    return Response(content, status_code=status, headers=headers, media_type=MediaType.JSON)


def _refused(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    if not isinstance(error, AppError | SyncError | MediaError):  # registered for these three only
        raise TypeError(type(error))
    if error.code not in CATALOGUE or CATALOGUE[error.code].status is None:
        log.error("problem.undocumented", code=error.code)
        return respond(request, "internal", {})
    return respond(request, error.code, error.facts)


HTTP_CODES: Final = {
    400: "malformed",
    401: "session_expired",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "content_type",
    422: "invalid",
    503: "unavailable",
}


def _framework(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """What Litestar itself refuses. Its `extra` names parameters; it is reduced to path and message."""
    if isinstance(error, ValidationException):
        extra = error.extra if isinstance(error.extra, list) else []
        issues = [{"path": str(i.get("key", "")), "code": "invalid"} for i in extra if isinstance(i, dict)]
        return respond(request, "invalid", {"issues": issues})
    if isinstance(error, InternalServerException) and "disconnected" in error.detail:
        return respond(request, "too_slow", {})  # a cut line: whoever still hears it sends the same again
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status not in HTTP_CODES:
        return _internal(request, error)
    facts: dict[str, Any] = {}
    if status == 405 and isinstance(error, HTTPException) and error.headers:
        facts["headers"] = error.headers
    return respond(request, HTTP_CODES[status], facts)


def _internal(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Trouble outside the program, or a mistake of ours: the log gets all, the caller nothing but the fact."""
    if (code := trouble(error)) is not None:
        log.warning(
            "http.trouble", method=request.method, path=request.url.path, code=code, error=_short(error)
        )
        return respond(request, code, {})
    log.error("http.failed", method=request.method, path=request.url.path, exc_info=error)
    return respond(request, "internal", {})


def _short(error: Exception) -> str:
    """Name and first line, without a statement's values: they are what people wrote."""
    first = str(getattr(error, "orig", error)).split("\n", 1)[0]
    return f"{type(error).__name__}: {first[:200]}"


HANDLERS: Final[dict[int | type[Exception], Any]] = {
    AppError: _refused,
    SyncError: _refused,
    MediaError: _refused,
    HTTPException: _framework,
    Exception: _internal,
}


def table() -> str:
    """The catalogue as Markdown, in its order: the body of docs/problems.md."""
    lines = ["| code | status | 中文 | English |", "|---|---|---|---|"]
    lines += [f"| `{code}` | {p.status or 'result'} | {p.zh} | {p.en} |" for code, p in CATALOGUE.items()]
    return "\n".join(lines)
