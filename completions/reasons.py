"""Finish reasons: what each provider's word for the end of an answer means. Pure.

Only `stop`, `length`, `content_filter` and `tool_calls` are in OpenAI's specification; the others are what servers that
call themselves compatible send in their place.
"""

from typing import Literal

Outcome = Literal["stop", "length", "content_filter", "tool_calls", "failed", "unknown"]

_WORDS: dict[Outcome | None, str] = {
    None: """
        null none undefined unspecified unfinished notfinished inprogress running generating pending ongoing continue
        """,
    "stop": """
        stop stopped stopsequence stopstr stopstring stoptoken stopword stopwords eos eostoken eosfound eot eottoken
        end ended endturn endofturn endoftext endofsequence endofsentence complete completed completion done finish
        finished success succeeded normal natural ok
        """,
    "length": """
        length lengthlimit maxlength modellength maxtoken maxtokens maxtokensreached maxnewtokens maxoutputtokens
        maxcompletiontokens tokenlimit tokenlimitreached outputlimit limit limitreached contextlength
        contextlengthexceeded contextwindow contextwindowexceeded modelcontextwindowexceeded truncated incomplete cutoff
        """,
    "content_filter": """
        contentfilter contentfiltered filter filtered inputfiltered outputfiltered sensitive safety imagesafety
        recitation imagerecitation blocklist blocked prohibitedcontent imageprohibitedcontent spii language moderation
        moderated contentmoderation contentpolicy contentpolicyviolation policyviolation violation refusal refused
        guardrail guardrailintervened unsafe flagged risk censored errortoxic
        """,
    "tool_calls": """
        toolcall toolcalls tooluse functioncall functioncalls malformedfunctioncall unexpectedtoolcall toomanytoolcalls
        """,
    "failed": """
        error errors abort aborted cancel cancelled canceled usercancel insufficientsystemresource networkerror
        servererror internalerror timeout timedout interrupted failed failure exception shutdown preempted pauseturn
        malformedresponse other
        """,
}
_OUTCOMES = {word: outcome for outcome, words in _WORDS.items() for word in words.split()}


def outcome(reason: str) -> Outcome | None:
    """Return what a finish reason means, None for a word that says that the answer has not ended.

    Case, separators and a prefix as in FINISH_REASON_STOP or FinishReason.STOP make no difference.
    """
    word = "".join(filter(str.isalpha, reason.lower()))
    if not word:
        return "unknown" if reason.strip() else None
    return _OUTCOMES.get(word.removeprefix("finishreason") or "unspecified", "unknown")
