"""What is said without being claimed: what is denied, quoted, asked, supposed, or the customer's own limit."""

import re

_CLAUSE = re.compile(r"[.;:!?—,()]|\b(?:but|mas|porem|though|so|entao|because|porque)\b")
_DENIAL = re.compile(
    r"\b(?:not|no|nobody|none|nothing|ninguem|never|cannot|nor|neither|unable|without|[a-z]+n't|nao|nem|nunca|jamais|sem|nenhum|nenhuma|tampouco|rather than|em vez de)\b"
)
_NO_DENIAL = re.compile(
    r"\b(?:not only|nao so|no problem|no interest|without interest|sem juros|sem uso|no extra|no cost|no charge|sem custo|no minimo|no maximo"
    r"|no (?:pix|cartao|boleto|site|tamanho|total|momento|estoque|brasil|sul|sudeste|nordeste|norte|credito|valor|prazo)|no a vista)\b"
)
_PORTUGUESE = re.compile(
    r"\b(?:que|para|por|uma|voce|custam?|fica|tambem|nao|sao|sai|tem|em|ate|dos|das|da|de|o|os|um|partir|pelo|pela|seu|sua|nosso|nossa)\b"
)
_QUOTING = re.compile(
    r"\b(?:you|he|she|they|friend|customer|voce|ela|ele|cliente) (?:have |has |had |just |ja |me )?"
    r"(?:asked|said|say|says|mentioned|wrote|saw|read|heard|claim|claimed|were told|spoke of|speak of|talked? about|refer(?:red)? to|brought up|quoted?|(?:were |are )?(?:hoping|expecting|asking|wanting)|hoped|wanted|expected|queria|esperava|pediu|imaginava|perguntou|disse|mencionou|escreveu|viu|leu|ouviu|afirma|afirmou|comentou|falou|citou|relatou|alegou|se referiu)\b"
    r"|\b(?:other (?:shops|stores|sellers)|outras lojas|competitors?|concorr\w+)\b|\bher order came with\b|\bif you (?:saw|read|heard)\b|\bi see where\b|\bse voce viu\b"
)
_SUPPOSED_AFTER = re.compile(
    r"[\"”']?[*_ ]?(?: (?:off|discount|coupon|refund|de desconto|desconto))? (?:would|seria|ficaria|may come|might|is (?:too|below|less|not|n't)|isn't|wouldn't|e (?:muito|pouco)|nao|esta abaixo|fica abaixo|\w{2,12}rias?m?|elsewhere|budget|limit|is possible|e possivel|ja passou|has passed|you mention(?:ed)?)\b|,? (?:que voce mencionou|limite)\b"
)
_LIMIT_BEFORE = re.compile(
    r"\b(?:under|below|less than|cheaper than|no more than|(?<!add )(?<!adds )(?<!adding )up to|at most|within|ate|abaixo de|menos de|no maximo|over|above|more than|acima de|mais de"
    r"|around|about|cerca de|between|entre|budget (?:of|is)|orcamento (?:de|e)|next to|for your|for the|por volta de|say|digamos)[ :]*(?:(?:r\$|us\$|[$€£]) ?[\d.,]+ (?:or|and|to|ou|e|a) )?$"
)
_ATTRIBUTED = re.compile(
    r"\b(?:says the|according to (?:your|the|what you)|as you (?:say|said|wrote|quote|mention)|segundo (?:voce|sua|o que)|como voce (?:disse|escreveu))\b"
)
_OPEN_QUOTE = re.compile(r"[\"“«]")
CONDITION = re.compile(
    r"\b(?:if|whether|when|once|after|unless|provided|as soon as|in case|should you|until|before|whenever|otherwise|or else|senao|caso contrario|do contrario|se|quando|(?<!seu )(?<!o )(?<!um )(?<!este )(?<!esse )(?<!neste )(?<!nesse )(?<!qualquer )caso|assim que|depois que|depois d[eoa]s?|apos|pagando|comprando|paid (?:by|before)|pag[oa]s? ate|desde que|uma vez)\b"
)

LIMIT_OF_TIME = re.compile(
    r"\b(?:within|in (?:up to )?\d|up to \d|(?:em )?ate \d|em \d|(?:the )?(?:same|next) (?:working |business )?day|no (?:mesmo|proximo) dia|(?:working|business) days?|dias? ute?is"
    r"|with tracking|from|via|by (?:e-?mail|post|courier)|por (?:e-?mail|correio)|com (?:codigo|rastre)\w*|always|sempre|usually|normally|geralmente|normalmente)\b"
)
"""What a rule says of its time; a promise to one customer says "today"."""


def clause_start(folded: str, place: int) -> int:
    """Return where the clause begins in which this place stands."""
    begin = max(0, place - 160)
    return max(
        (match.end() for match in _CLAUSE.finditer(folded, begin, place) if not _is_decimal(folded, match)),
        default=begin,
    )


def _is_decimal(folded: str, match: re.Match[str]) -> bool:
    around = folded[max(0, match.start() - 1) : match.end() + 1]
    return len(around) == 3 and around[0].isdigit() and around[2].isdigit()


def is_denied(folded: str, place: int) -> bool:
    """True if the clause says no to what stands at this place: "we do not give 20 % off"."""
    return denies(folded[clause_start(folded, place) : place], folded)


def denies(folded: str, sentence: str = "") -> bool:
    """True if a piece of a sentence says no; "sem juros" and "no problem" do not, nor the Portuguese "no"."""
    if _PORTUGUESE.search(sentence or folded):
        folded = re.sub(r"\bno\b", " ", folded)
    return _DENIAL.search(_NO_DENIAL.sub(" ", folded)) is not None


def is_quoted(folded: str, start: int, end: int) -> bool:
    """True if this is somebody else's word, in quotation marks or after "you asked"."""
    if _QUOTING.search(folded, clause_start(folded, start), start):
        return True
    if _ATTRIBUTED.search(folded, end, end + 100):
        return True
    opened = len(_OPEN_QUOTE.findall(folded, max(0, start - 120), start))
    closed = folded.count("”", max(0, start - 120), start) + folded.count("»", max(0, start - 120), start)
    return (opened - closed) % 2 == 1 and re.search(r"[\"”»]", folded[end : end + 80]) is not None


def is_supposed(folded: str, end: int) -> bool:
    """True if the sentence goes on to judge the value: "R$ 10 would be too little"."""
    return _SUPPOSED_AFTER.match(folded, end) is not None


def is_limit(folded: str, start: int) -> bool:
    """True if the value is a bound of a search or a thought: "below R$ 100"."""
    return _LIMIT_BEFORE.search(folded, max(0, start - 40), start) is not None
