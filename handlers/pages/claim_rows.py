"""What a claim was held against, for its reader: the file, the line, and the row of a product or the line of a text. Pure."""

from dataclasses import dataclass

from handlers.pages.claim_marks import true_value
from handlers.pages.languages import Language
from memory.i18n import N_
from shop.claims.values import Claim, Verdict

_SAYS: dict[Verdict, str] = {
    "supported": N_("The shop's data say so."),
    "computed": N_("Worked out from the shop's data"),
    "contradicted": N_("The shop's data say otherwise"),
    "unsupported": N_("The shop's data do not say this"),
}
_NAMES = (N_("name"), N_("category"), N_("brand"), N_("price"), N_("stock"), N_("options"), N_("link"))
"""What `shop.lines` calls the columns of a product, besides its SKU."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """`cells` are the names and values of a product's row, none for a line of a text, which `text` is."""

    said: str
    verdict: Verdict
    says: str
    true: str
    file: str
    line: str
    cells: tuple[tuple[str, str], ...] = ()
    text: str = ""


def claim_row(language: Language, claim: Claim) -> ClaimRow:
    """Return a claim with what stood in the shop's data when its reply was checked."""
    file, _, line = claim.source.rpartition(":")
    head, _, values = claim.row.partition("\n")
    names = head.split(" | ") if values else []
    cells = tuple(
        (_named(language, name), value) for name, value in zip(names, values.split(" | "), strict=False) if value
    )
    says = language.gettext(_SAYS[claim.verdict])
    return ClaimRow(claim.text, claim.verdict, says, true_value(claim), file, line, cells, "" if values else claim.row)


def _named(language: Language, column: str) -> str:
    """Return a column's name in the reader's language; the price's may name a currency: "price (BRL)"."""
    name, space, currency = column.partition(" ")
    return f"{language.gettext(name) if name in _NAMES else name}{space}{currency}"
