"""Which region a place belongs to, for fees and times that a shop gives by region. Data.

Regions of Brazil as IBGE counts them with their states and largest cities; the countries that shops name; states of the
USA that carriers count apart. A place is followed by what it lies in, nearest first.
"""

import re

from shop.claims.beginnings import Begun, ByBeginnings

_REGIONS = {
    "north": "north|norte",
    "northeast": "northeast|nordeste",
    "centrewest": "centre-west|center-west|midwest|central-west|centro-oeste",
    "southeast": "southeast|sudeste",
    "south": "south|sul",
    "brazil": "brazil|brasil",
    "americas": "americas|latin america|south america|america do sul|america latina|north america",
    "europe": "europe|europa|european union|eu countries",
    "usa": "united states|the us|usa|u\\.s\\.|contiguous us|estados unidos|lower 48",
    "abroad": "abroad|international|internacional|other countries|outside brazil|exterior|outros paises|fora do brasil",
    "capitals": "capital|capitals|capitais",
    "uk": "united kingdom|uk|uk mainland|mainland uk|great britain|reino unido",
}
_INSIDE = {
    "north brazil": "acre|amapa|amazonas|para state|estado do para|rondonia|roraima|tocantins|manaus|belem|porto velho|rio branco|macapa"
    "|boa vista|palmas|ananindeua|santarem|maraba",
    "northeast brazil": "alagoas|bahia|ceara|maranhao|paraiba|pernambuco|piaui|rio grande do norte|sergipe|maceio|salvador|fortaleza"
    "|sao luis|joao pessoa|recife|teresina|natal|aracaju|olinda|jaboatao|caruaru|petrolina|campina grande|feira de santana|mossoro|juazeiro",
    "centrewest brazil": "goias|mato grosso|mato grosso do sul|distrito federal|brasilia|goiania|cuiaba|campo grande|anapolis|dourados",
    "southeast brazil": "espirito santo|minas gerais|sao paulo|rio de janeiro|belo horizonte|vitoria|bh|campinas|santos|niteroi|guarulhos"
    "|uberlandia|vila velha|juiz de fora|ribeirao preto|sorocaba|osasco|contagem|ouro preto|rio",
    "south brazil": "parana|santa catarina|rio grande do sul|curitiba|florianopolis|porto alegre|londrina|maringa|joinville|blumenau"
    "|caxias do sul|pelotas|foz do iguacu",
    "europe": "portugal|spain|espanha|france|franca|germany|alemanha|italy|italia|netherlands|holanda|belgium|belgica|austria"
    "|switzerland|suica|ireland|irlanda|sweden|suecia|norway|noruega|denmark"
    "|dinamarca|finland|finlandia|poland|polonia|greece|grecia|lisbon|lisboa|porto city|madrid|barcelona|paris|berlin|berlim|munich"
    "|rome|roma|milan|milao|amsterdam|vienna|zurich|dublin",
    "uk europe": "england|inglaterra|scotland|escocia|wales|london|londres|manchester|leeds|bristol|birmingham|liverpool|glasgow"
    "|edinburgh|cardiff|sheffield|york|oxford|cambridge",
    "americas": "argentina|chile|uruguay|uruguai|paraguay|paraguai|peru|colombia|bolivia|ecuador|equador|venezuela|mexico"
    "|buenos aires|santiago|montevideo|lima|bogota",
    "canada americas": "toronto|montreal|vancouver|ottawa|calgary",
    "usa americas": "new york|california|texas|florida|chicago|boston|seattle|portland|oregon|los angeles|san francisco|miami|washington"
    "|denver|houston|dallas|atlanta",
    "asia": "japan|japao|china|india|korea|coreia|tokyo|singapore|israel|dubai",
    "oceania": "australia|new zealand|nova zelandia|sydney|melbourne",
    "africa": "angola|mozambique|mocambique|south africa|africa do sul|cape verde|cabo verde",
}
_CITIES_OF_STATES = {"espirito santo": "vitoria|vila velha", "alaska": "anchorage", "hawaii": "honolulu"}
_OF_BRAZIL = ("north", "northeast", "centrewest", "southeast", "south")
_APART = {"canada": "canada", "alaska": "alaska", "hawaii": "hawaii|havai"}
_OF_BRITAIN = {
    "northernireland": "northern ireland|irlanda do norte|belfast",
    "highlands": "highlands|islands|orkney|shetland|hebrides",
}


def _chains() -> dict[str, tuple[str, ...]]:
    """Return each name with the place that it means and what that lies in, nearest first."""
    names = dict[str, tuple[str, ...]]()
    for region, written in (_REGIONS | _APART).items():
        over: tuple[str, ...] = ("brazil",) if region in _OF_BRAZIL else ("americas",) if region in _APART else ()
        names |= {name.replace("\\", ""): (region, *over) for name in written.split("|")}
    names |= {name: (part, "uk", "europe") for part, written in _OF_BRITAIN.items() for name in written.split("|")}
    names |= dict.fromkeys(_REGIONS["uk"].split("|"), ("uk", "europe"))
    for regions, written in _INSIDE.items():
        names |= {name: (name, *regions.split()) for name in written.split("|")}
    for state, written in _CITIES_OF_STATES.items():
        names |= {name: (name, state, *names[state][1:]) for name in written.split("|")}
    return {name: chain if _is_home(chain) else (*chain, "abroad") for name, chain in names.items()}


def _is_home(chain: tuple[str, ...]) -> bool:
    return "brazil" in chain or chain[0] in ("usa", "abroad", "capitals")


_NAMES = _chains()
_PLACE = r"\b(?:" + "|".join(re.escape(name) for name in sorted(_NAMES, key=len, reverse=True)) + r")\b"
_FOUND = ByBeginnings([(_PLACE, _PLACE)])


def places(folded: str, begun: Begun | None = None) -> tuple[tuple[str, ...], ...]:
    """Return each place that a text names: the place itself, then what it lies in, nearest first."""
    found = (match[0] for words, _ in _FOUND.possible(folded, begun) for match in words.finditer(folded))
    return tuple(dict.fromkeys(_NAMES[name] for name in found))
