"""What went wrong, as one sentence that says what to do."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from adapters.web.site import Problem
from bot.language import M, Msg


def status_of(fault: Exception) -> int:
    return fault.status_code if isinstance(fault, HTTPException) else 500


def sentence(fault: Exception, max_file: int) -> Msg:
    """`max_file`: bytes a reader may hand in."""
    match fault:
        case Problem(sentence=said):
            return said
        case HTTPException(status_code=413):
            # Translators: a file is too large; {limit} is a number of megabytes.
            return M("web.problem.too_big", limit=str(max_file // (1024 * 1024)))
        case HTTPException(status_code=404 | 405):
            return M("web.problem.not_found")
        case HTTPException(status_code=400):
            return M("web.problem.unreadable")
    # Translators: something broke on our side.
    return M("web.problem.ours")
