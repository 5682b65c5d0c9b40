"""What only a person of a shop can do, as verbs with their forms: English and Portuguese, folded. Data.

promises.py puts these forms behind who acts ("I have", "vou") or what is acted on ("your order has been").
"""

import re
from collections.abc import Iterable

_ACTS = """
apply approve authorize authorise process issue reissue refund cancel place order reserve hold:held waive upgrade credit book schedule reschedule arrange
activate unlock extend prolong charge complete submit finalize finalise reduce lower remove grant honor honour forward escalate notify inform alert contact
start initiate open create register log change update modify adjust add send:sent resend:resent email e-mail ship dispatch swap exchange replace request
release reverse deduct discount expedite prioritize prioritise redirect reroute reinstate redeem reimburse compensate
bump fast-track sort slash comp drop cut:cut negotiate override:overrode deliver pop rebook pack label secure
"""
"""English verbs; those of which the past is no regular form have it behind a colon."""
_PHRASES = (
    ("set", "set", "aside"),
    ("set", "set", "up"),
    ("put", "put", "aside"),
    ("put", "put", "on (?:hold|the (?:[a-z]+ )?list)"),
    ("put", "put", "in (?:a|the|your) request"),
    ("lock", "locked", "in"),
    ("sign", "signed", "(?:off|up)"),
    ("hand", "handed", "over"),
    ("reach", "reached", "out to"),
    ("take", "taken", "care of"),
    ("take", "took", "care of"),
    ("knock", "knocked", "[^.;!?]{1,20} off"),
    ("bend", "bent", "the rules"),
    ("take", "taken", "[^.;!?]{1,20} off"),
    ("throw", "thrown", "in"),
    ("throw", "threw", "in"),
)
"""Verbs of more than one word: the verb, its past, and what follows both."""
_DOUBLED = frozenset("ship cancel swap log pop drop".split())
"""English verbs whose last letter is doubled before an ending, in one of the two spellings at least."""
_PT_ACTS = """
aplicar aprovar autorizar processar emitir cancelar reservar separar guardar adicionar incluir atualizar alterar mudar trocar confirmar registrar solicitar
agendar reagendar liberar enviar reenviar encaminhar repassar abrir iniciar estornar reembolsar ativar gerar criar fechar finalizar conceder isentar anotar
avisar notificar informar despachar reduzir abater zerar prorrogar estender ajustar descontar retirar remover providenciar antecipar acionar devolver creditar
efetuar lançar pedir priorizar dispensar garantir concluir cobrir desbloquear escalar abonar resolver mandar
"""
_PT_IRREGULAR = {
    "abrir": "abri abrimos abrirei abriremos abro abrindo aberto abriu abre",
    "cobrir": "cobri cobrimos cobrirei cobriremos cubro cobrindo coberto cobriu cobre",
    "pedir": "pedi pedimos pedirei pediremos peco pedindo pedido pediu pede",
}


def either(forms: Iterable[str]) -> str:
    """Return a pattern of any of these words, the longest first."""
    return rf"(?:{'|'.join(sorted(dict.fromkeys(forms), key=len, reverse=True))})"


def past(verb: str) -> str:
    """Return the past and participle of a regular English verb."""
    if verb in _DOUBLED:
        return rf"{verb}{verb[-1]}?ed"
    if verb.endswith("e"):
        return f"{verb}d"
    return re.sub("(?<=[^aeiou])y$", "i", verb) + "ed"


def gerund(verb: str) -> str:
    """Return the English form in -ing."""
    if verb in _DOUBLED:
        return rf"{verb}{verb[-1]}?ing"
    return re.sub("(?<=[^e])e$", "", verb) + "ing"


def portuguese(verb: str) -> tuple[str, ...]:
    """Return the forms of a verb that promise: I did, we did, I shall, we shall, I do, doing, done, he did, he does.

    "lançar" keeps its sound without another letter: the text is folded.
    """
    if verb in _PT_IRREGULAR:
        return tuple(_PT_IRREGULAR[verb].split())
    plain = verb.replace("ç", "c")
    root, ending = plain[:-2], plain[-2:]
    vowel = {"ar": "a", "er": "e", "ir": "i"}[ending]
    first = f"{root}i"
    if ending == "ar":
        first = re.sub("g$", "gu", re.sub("c$", "qu", root)) + "ei" if "ç" not in verb else f"{root}ei"
    done = {"ar": "ado", "er": "ido", "ir": "ido"}[ending]
    they = {"ar": "ou", "er": "eu", "ir": "iu"}[ending]
    return (
        first,
        f"{root}{vowel}mos",
        f"{plain}ei",
        f"{plain}emos",
        f"{root}o",
        f"{root}{vowel}ndo",
        f"{root}{done}",
        f"{root}{they}",
        f"{root}{'a' if ending == 'ar' else 'e'}",
    )


def _behind(verb: str, rest: str) -> str:
    return rf"{verb} (?:you |it |one |them |this |that |both |the \w+ |your \w+ )?{rest}" if rest else verb


_REGULAR = [one for one in _ACTS.split() if ":" not in one]
_IRREGULAR = [tuple(one.split(":")) for one in _ACTS.split() if ":" in one]
_VERBS = [*_REGULAR, *(verb for verb, _ in _IRREGULAR)]
_PASTS = [*map(past, _REGULAR), *(did for _, did in _IRREGULAR)]
DO = either([*_VERBS, *(_behind(verb, rest) for verb, _, rest in _PHRASES)])
DID = either([*_PASTS, *(_behind(did, rest) for _, did, rest in _PHRASES)])
DOING = either(map(gerund, _VERBS))
DONE = either(_PASTS)

_FORMS = {verb: portuguese(verb) for verb in _PT_ACTS.split()}
PT_DO = either(verb.replace("ç", "c") for verb in _FORMS)
PT_I_DID = either(forms[0] for verb, forms in _FORMS.items() if not verb.endswith("uir"))
PT_IT_DOES_TOO = either(forms[0] for verb, forms in _FORMS.items() if verb.endswith("uir"))
"""Folded, "incluí" (I included) is what "inclui" (it includes) is."""
PT_WE_DID = either(forms[1] for forms in _FORMS.values())
"""Also how a rule is worded: "cancelamos pedidos sem pagamento"."""
PT_FUTURE = either(form for forms in _FORMS.values() for form in forms[2:4])
PT_I_DO = either(forms[4] for forms in _FORMS.values())
PT_DOING = either(forms[5] for forms in _FORMS.values())
PT_DONE = either(f"{forms[6][:-1]}[oa]s?" for forms in _FORMS.values())
PT_THEY_DID = either(forms[7] for forms in _FORMS.values())
PT_THEY_DO = either(forms[8] for forms in _FORMS.values())
