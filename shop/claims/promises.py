"""The ways in which an assistant says that it granted or did what only a person of the shop can. Data.

English and Portuguese, as patterns over folded text: who ("I have", "we will", "your order has been"), what is done, and to
what. grants.py holds what makes such words none: conditions, denials, questions, instructions.
"""

import re
from dataclasses import dataclass

_HAVE = r"(?:i|we)(?:'ve| have| 've|'m| am|'re| are)?(?: (?:just|already|now|also|successfully|gone ahead and|went ahead and|happily|gladly|personally|been able to))*"
_WILL = r"(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to| shall|'d be (?:happy|glad) to| would be (?:happy|glad) to)(?: (?:also|now|gladly|happily|personally|immediately|certainly|make sure to|be (?:happy|glad) to))*"
_CAN = r"(?:i|we)(?: can| could|'m able to| am able to| can certainly| can absolutely)(?: (?:also|certainly|gladly|happily))*"
_DID = (
    r"applied|approved|authoris?zed|authori[sz]ed|processed|issued|refunded|cancel+ed|placed|ordered|reserved|set (?:it |one |them |this |the last one )?aside|put (?:it |one |them )?(?:aside|on hold)"
    r"|held|waived|upgraded|credited|booked|scheduled|arranged|activated|unlocked|extended|charged|completed|submitted|finali[sz]ed|reduced|lowered|removed|granted|honou?red"
    r"|forwarded|escalated|notified|informed|contacted|passed (?:it|this|your \w+) on|let the team know|put (?:it|this|that|them|the \w+|your \w+) through|started|initiated|opened|created|registered|logged|changed|updated|modified|added|sent|emailed|e-mailed|shipped|dispatched|swapped|exchanged|replaced|taken care of|made an? (?:exception|note|booking|reservation)|added an? note|left an? note|decided to (?:make an exception|refund|give|offer)|passed (?:it|this|that|your \w+) (?:on|along)"
)
_DO = (
    r"apply|approve|authori[sz]e|process|issue|refund|cancel|place|reserve|set (?:it |one |them )?aside|hold|waive|upgrade|credit|book|schedule|arrange|activate|extend|submit|knock|take \d+|throw in|honou?r|match"
    r"|cover (?:the |your )?(?:delivery|shipping|postage|fee|cost|difference)|give you|offer you|grant you|get you|send you|notify|inform|alert|let (?:you|them|the \w+|our \w+|\w+) know|e-?mail you|call you|contact you|text you|forward|escalate|pass (?:it|this|that|your \w+) (?:on|along)|make an exception|keep (?:it|one|them)|make sure (?:that )?(?:[a-z]+ ){1,5}(?:kept|held|reserved|refunded|set aside|cancel+ed|arrives?)|take care of (?:it|this|that|your)|change your|update your|add (?:it|one|them|this|that) to your|ship (?:it|you|them|your)|deliver (?:it )?(?:for )?free|exchange it|replace it"
)
_THINGS = (
    r"(?:refund|order|return|exchange|replacement|discount|coupon|voucher|code|credit|reservation|cancellation|request|shipping|delivery|address|price|fee|item|parcel|package|gift|free|label|\d+ ?%"
    r"|one|it|them|this|that|you|your|the last|the staff|expedited|unit|units|upgrade|ticket|case|team|colleagues?|manager|purchase|payment|cart|basket|hold|stock alert)"
)
_MINE = r"(?:your|the|this|that)"
_NOUNS = r"(?:refund|order(?: (?:#?\w*\d\w*|for [^.,;!?]{1,60}))?|return(?: request)?|exchange|replacement|discount|coupon|reservation|cancellation|request|shipping address|delivery address|address|credit|purchase|payment|free (?:delivery|shipping)|upgrade|claim|store credit|(?:staff|special|new|discounted|reduced) price|price match|code|voucher)"
_SUM = r"(?:r\$|us\$|[$€£])? ?\d[\d.,]*\d|\d"
"""An amount that stands beside what is granted: "your R$ 300.00 refund"."""
_IS = r"(?: of (?:[^.,;!?]|[.,]\d){1,24}| for (?:[^.,;!?]|[.,]\d){1,40})? (?:has (?:now |already |just |also )?been|have been|is now|was|is|will be|is being|are now)(?: (?:successfully|already|now|fully|just|also|automatically))*"
_DONE = r"(?:approved|placed|confirmed|cancel+ed|added to your (?:cart|order|account|basket)|guaranteed|processed|issued|applied|accepted|authori[sz]ed|completed|submitted|updated|changed|modified|reserved|refunded|granted|activated|active|valid for you|shipped|dispatched|credited|waived|on its way|registered|received|booked|initiated|started|honou?red|charged|set up|reduced|unlocked|extended|logged)"

_PT_DID = (
    r"(?:apliquei|aprovei|autorizei|processei|emiti|cancelei|reservei|separei|guardei|adicionei|inclui|atualizei|alterei|mudei|troquei|confirmei|registrei|solicitei|agendei|liberei|enviei|encaminhei|repassei"
    r"|abri|iniciei|garanti|estornei|reembolsei|ativei|gerei|criei|fechei|finalizei|concedi|isentei|anotei|avisei|notifiquei|despachei|dei|reduzi|abati|zerei|prorroguei|estendi"
    r"|aplicamos|aprovamos|cancelamos|reservamos|separamos|liberamos|estornamos|reembolsamos|concedemos|consegui(?:mos)?)"
)
_PT_DO = (
    r"(?:aplicar|aprovar|autorizar|processar|emitir|cancelar|reservar|separar|guardar|adicionar|incluir|atualizar|alterar|mudar|registrar|agendar|liberar|enviar|encaminhar|repassar|estornar|reembolsar|ativar|gerar|conceder|isentar"
    r"|avisar|notificar|informar|dar|oferecer|devolver|fechar|finalizar|abrir|solicitar|anotar|registrar|fechar|retirar a taxa|zerar|cobrir|lembrar|providenciar|ligar|entrar em contato)"
)
_PT_FUTURE = r"(?:avisar|notificar|aplicar|aprovar|cancelar|reservar|separar|liberar|enviar|encaminhar|estornar|reembolsar|devolver|cobrir|guardar|entrar|ligar|processar|isentar|informar|darei|dar)(?:ei|emos)"
_PT_NOUNS = r"(?:valor|dinheiro|pedido|reembolso|estorno|troca|cupom|desconto|compra|endereco(?: de entrega)?|devolucao|reserva|cancelamento|solicitacao|frete gratis|pagamento|preco (?:especial|promocional|de funcionario)|credito|vale|entrega|frete|produto)"
_PT_DONE = r"(?:aprovad|confirmad|cancelad|autorizad|processad|realizad|concluid|registrad|aplicad|liberad|atualizad|alterad|reservad|efetuad|feit|emitid|estornad|reembolsad|aceit|garantid|enviad|finalizad|ativad|isentad|concedid|devolvid|a caminho|separad|reduzid)[oa]?s?"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to grant something.

    `in_spite`: it is a promise also behind a condition ("as soon as it is back, I will notify you"). `gives`: it gives a
    discount, a code or free delivery, which the shop's texts may give to all. `denies`: its own words hold a denial ("you do
    not have to pay").
    """

    pattern: re.Pattern[str]
    in_spite: bool = False
    gives: bool = False
    denies: bool = False


def _way(pattern: str, *, in_spite: bool = False, gives: bool = False, denies: bool = False) -> Way:
    return Way(re.compile(pattern), in_spite, gives, denies)


WAYS = (
    _way(rf"\b{_HAVE} (?:{_DID})\b(?= [^.;!?]{{0,60}}\b{_THINGS}\b|[.!,]| *$)"),
    _way(
        rf"\b{_WILL} (?:notify|inform|alert|let you know|e-?mail you|text you|call you|contact you|get back to you|hold|reserve|set (?:it |one )?aside|keep you posted|remind you)\b",
        in_spite=True,
    ),
    _way(rf"\b{_WILL} (?:{_DO})\b"),
    _way(
        rf"\b{_CAN} (?:offer|give|grant|get|do|knock|take|apply|let you have)\b[^.;!?]{{0,40}}?(?:\d+ ?%|discount|free (?:delivery|shipping)|coupon|special price|half price|same (?:deal|price)|that price)",
        gives=True,
    ),
    _way(rf"\b{_CAN} (?:do|sell|let you have|give you)\b[^.;!?]{{0,30}}? for (?:only |just )?(?:r\$|us\$|[$€£])"),
    _way(
        r"\b(?:i|we)(?: can| will|'ll| do| hereby| absolutely)* (?:guarantee|promise)(?: you)?(?: that)? (?:it|they|you|your|he|she|delivery|the (?:parcel|package|order|delivery|price))\b"
        r"|\b(?:eu |te |lhe )*(?:garanto|prometo|garantimos|prometemos) que\b",
        in_spite=True,
    ),
    _way(
        r"\b(?:will|it'll|they'll|going to) (?:arrive|be (?:there|delivered|with you))\b[^.;!?]{0,40}\b(?:before|by|until|on) (?:mon|tues|wednes|thurs|fri|satur|sun|christmas|tomorrow|tonight|noon)"
        r"|\b(?:vai|vao|ira|deve) (?:chegar|ser entregue)\b[^.;!?]{0,40}\b(?:ate|antes d[eao]|n[ao]) (?:segunda|terca|quarta|quinta|sexta|sabado|domingo|natal|amanha|hoje)|\bchega (?:amanha|hoje|(?:ate|antes d[eao]) (?:segunda|terca|quarta|quinta|sexta|sabado|domingo|natal))\b"
    ),
    _way(
        r"\byou (?:may|can|get to) keep (?:it|them|both|the \w+)(?= *(?:[.!,]|$| as well| too))|\bpode (?:ficar|permanecer) com (?:el[ea]s?|[oa]s? \w+)(?= *(?:[.!,]|$))"
    ),
    _way(rf"\b{_MINE} (?:(?:{_SUM}) )?{_NOUNS}{_IS} {_DONE}\b"),
    _way(
        r"(?:^|[\n*!.] *)(?:refund|order|discount|coupon|reservation|exchange|cancellation|return|free delivery|price match) (?:approved|confirmed|placed|applied|cancel+ed|completed|processed|accepted|granted)\b"
    ),
    _way(
        r"\b(?:a|the|your) (?:full |partial )?(?:refund|replacement|credit|return label)(?: of [^.,;!?]{1,24})? (?:is|are) (?:already |now )?(?:on (?:its|the) way|being processed|coming)\b"
    ),
    _way(
        r"\byou(?:'ll| will|'ve| have| are going to|'re)?(?: now| also| all)? (?:get|receive|have|enjoy|got|earned|won|qualify for|being given)\b[^.;!?]{0,30}?(?:\d+ ?% (?:off|discount)|\d+ ?%|discount|coupon|free (?:delivery|shipping)|for free|store credit|half price)",
        gives=True,
    ),
    _way(
        r"\byou(?:'ll| will) (?:be|get|receive) (?:a |your )?(?:full(?:y)? |partial |complete |automatically )*(?:refund(?:ed)?|reimbursed|money back|credited|compensated)\b"
    ),
    _way(
        r"\b(?:here(?:'s| is)|use|enter|apply|with)(?: (?:your|the|a|this|my))?(?: (?:personal|special|exclusive|secret|discount|promo))*(?: (?:code|coupon|voucher))(?: for [^.:;!?]{1,30})?(?: code)?[: \"*]",
        gives=True,
    ),
    _way(
        r"^\W*(?:it's a |that's a |you(?:'ve| have) got (?:yourself )?a )?deal\b(?! with)|\b(?:it's|that's|that is|you(?:'ve| have) got|we have) a deal\b|\blegally binding\b|\bno takesies\b"
    ),
    _way(
        r"\b(?:is|it's|they're|are|e|sao) (?:a |an |um |uma |your |seu |sua )?(?:free )?(?:gifts?|presents?|brindes?|presentes?)"
        r"(?: (?:of|from|on) (?:the house|the shop|us)\b| (?:for|to) you\b| (?:para|pra) voce\b| d[ao] (?:casa|loja)\b| noss[oa]\b|(?= *(?:[.!]|$)))",
        gives=True,
    ),
    _way(
        r"\b(?:comes? with|includes?|you(?:'ll| will)?(?: also)? (?:get|receive)|leva|ganha|recebe|acompanha|vem com)\b[^.;!?]{0,24}?\b(?:free gifts?|gifts? for free|brindes?)\b",
        gives=True,
    ),
    _way(r"\b(?:is|it's|they're|are) yours (?:for free|for nothing|at no|free)\b|\bconsider it done\b|^\W*sold!"),
    _way(r"\b(?:we|i)(?:'ll| will| do| can)? honou?r (?:that|it|the|this|your)\b"),
    _way(
        r"\b(?:as an?|one-time|just this once)[^.;!?]{0,30}(?:exception|courtesy|goodwill)[^.;!?]{0,60}(?:free|discount|%|refund|waive)",
        gives=True,
    ),
    _way(
        r"\byour (?:order|tracking|confirmation|reservation|reference|ticket|return) (?:number|code|no\.?|id)(?: is)?:? *#?[a-z]{0,3}\d{3,}"
    ),
    _way(r"\b(?:order|tracking|confirmation) number(?: is)?: *#?[a-z]{0,3}\d{3,}"),
    _way(r"\b(?:your card|you)(?: will be| has been| have been|'ll be) charged\b"),
    _way(
        r"\b(?:special|staff|employee|friends?|loyalty|vip) (?:price|discount|rate)(?: of [^.;!?]{1,20})? (?:is (?:now )?(?:active|applied|on)|has been|applies)\b"
    ),
    _way(r"\b(?:students?|seniors?|members?|teachers?) (?:get|receive)(?= \d+ ?% )", gives=True),
    _way(
        r"\b(?:(?:will be|is being) (?:sent|shipped|credited|refunded|back|delivered|dispatched)|sera (?:enviad|creditad|devolvid|estornad|reembolsad|despachad|entreg)[a-z]*)\b[^.;!?]{0,40}\b(?:today|tomorrow|tonight|hoje|amanha)\b"
        r"|\b(?:dinheiro|valor|reembolso|estorno)\b[^.;!?]{0,24}\b(?:volta|cai|retorna|chega|estara)\b[^.;!?]{0,40}\b(?:hoje|amanha)\b"
    ),
    _way(rf"\border #?\w*\d\w*{_IS} {_DONE}\b"),
    _way(
        r"\b(?:is|are|will be|e|fica|sai|sera) (?:completely |totally |totalmente )?(?:free|gratis|de graca) (?:for|para|pra) (?:you|voce)\b",
        gives=True,
    ),
    _way(
        r"\byou(?:'re| are)(?: now| all)? (?:approved for|entitled to|granted|getting)(?: [a-z]+){0,3}? (?:refund|discount|voucher|coupon|replacement|credit|reimbursement)\b"
    ),
    _way(
        r"\byou(?: don't| do not|'ll not| won't)(?: have to| need to)? pay (?:for )?(?:the |any |a )?(?:delivery|shipping|anything|fee|postage|a thing)\b",
        gives=True,
        denies=True,
    ),
    _way(r"\b(?:delivery|shipping|this one|postage|the fee) is on (?:us|the house|me)\b"),
    _way(
        rf"\blet me (?:just |quickly |go ahead and )*(?:apply|cancel|place|refund|process|update|reserve|issue|approve|change|waive|submit)\b(?= [^.;!?]{{0,40}}\b{_THINGS}\b)"
    ),
    _way(
        r"\b(?:he|she|they|lidia|tome|someone|somebody|a colleague|our team)(?: will|'ll) (?:call|phone|ring|visit) you\b"
    ),
    _way(
        r"\bi can confirm (?:your|the|that you (?:get|have|will get))(?: [\w%]+){0,2}? ?(?:discount|refund|order|reservation|coupon|free)\b"
    ),
    _way(r"^\W*(?:confirmed|confirmado)\b(?=[!.,:])(?!:)"),
    _way(
        r"\b(?:refund|replacement|parcel|order|package|reembolso|estorno|pedido)\b[^.;!?]{0,60} (?:is|esta|are) (?:already |now |ja )?(?:on (?:its|the) way|a caminho)\b"
    ),
    _way(
        rf"\b(?:i'm|i am|we're|we are)(?: (?:now|just|currently|already|also))* (?:transferring|connecting|forwarding|processing|applying|refunding|cancel+ing|placing|reserving|issuing|updating|changing|giving|waiving|escalating|notifying|crediting|sending|offering|granting)\b(?= [^.;!?]{{0,40}}\b{_THINGS}\b)(?! you (?:the|a) (?:link|list|details))"
    ),
    _way(
        rf"\b(?:{_WILL}|{_HAVE}) [^.;!?]{{1,80}}? and (?:also |then |even )?(?:{_DO}|{_DID}|marked)\b(?= [^.;!?]{{0,40}}\b{_THINGS}\b)"
    ),
    _way(
        rf"\b{_HAVE} (?:located|found|checked|looked (?:up|into|at)|reviewed|verified|pulled up|marked|prioriti[sz]ed|noted|flagged) (?:your|the|it|this)(?: [a-z]+){{0,2}}? ?(?:order|account|payment|parcel|refund|package|request|for|as)\b"
    ),
    _way(r"\b(?:can|will|'ll|happy to|glad to) (?:match|beat) (?:that|it|this|the|their|your|any)\b"),
    # Portuguese
    _way(
        r"\b(?:frete|entrega|envio|taxa) (?:fica|ficou|sai|vai|e|sera|foi) por (?:nossa conta|conta da casa)(?= (?:desta|dessa|nesta|nesse|neste|para voce|hoje|agora)|[.!])",
        gives=True,
    ),
    _way(
        r"\bvoce nao paga (?:nada|(?:o |a |pelo |pela )?(?:frete|entrega|taxa|envio))\b|\b(?:voce )?nao (?:precisa|vai precisar|tera que|tem que) pagar (?:o |a |pelo |pela )?(?:frete|entrega|nada|taxa|envio)\b",
        gives=True,
        denies=True,
    ),
    _way(
        r"\b(?:abri|abrimos|fiz|fizemos|faremos|vou fazer|abrirei) uma excecao\b|\b(?:ja )?deixei (?:uma?|o|a|tudo)(?: \w+){0,2}? (?:reservad|separad|guardad|agendad|confirmad)[oa]s?\b"
    ),
    _way(
        rf"\b(?:esta|foi|fica) (?:aprovad|confirmad|autorizad|liberad|cancelad|garantid)[oa] (?:o |a )?(?:seu |sua )?{_PT_NOUNS}\b"
    ),
    _way(
        r"\beu (?:mesm[oa] |ja |te )?(?:cancelo|aplico|aprovo|reservo|separo|envio|libero|estorno|reembolso|altero|atualizo|registro|encaminho|aviso|confirmo o pedido)\b"
    ),
    _way(
        r"\b(?:localizei|encontrei|verifiquei|consultei|chequei|analisei) (?:o |a )?(?:seu|sua) (?:pedido|pagamento|compra|cadastro|reembolso|entrega)\b"
    ),
    _way(rf"\b(?:ja |eu |acabei de ){{0,2}}{_PT_DID}\b(?! (?:que|se)\b)"),
    _way(rf"\bacabei de {_PT_DO}\b"),
    _way(
        r"\b(?:vou|vamos|irei|iremos)(?: te| lhe| ja| agora| tambem)* (?:avisar|notificar|informar|reservar|separar|guardar|ligar|lembrar|entrar em contato)\b",
        in_spite=True,
    ),
    _way(
        rf"\b(?:vou|vamos|irei|iremos|estou|estamos)(?: te| lhe| ja| agora| tambem)* (?:{_PT_DO}|(?:aplic|aprov|process|cancel|reserv|liber|estorn)ando)\b"
    ),
    _way(
        rf"\b{_PT_FUTURE}\b|\b(?:aviso|avisamos|retorno|retornamos)(?: voce| vcs)? (?:assim que|quando|logo que|depois|por)\b",
        in_spite=True,
    ),
    _way(
        r"\b(?:posso|podemos|consigo|conseguimos|vamos|vou)(?: sim)? (?:cobrir|igualar|bater) (?:o|ess[ea]|est[ea]|qualquer|a|seu)\b"
    ),
    _way(
        r"\b(?:te|lhe) (?:aviso|dou|garanto|reservo|ofereco|envio|libero|concedo)\b|\bdou (?:um |mais )?\d+ ?%|\bcobrimos (?:sim|a|o|qualquer)\b|\b(?:posso|podemos|consigo|conseguimos)(?: te| lhe)? (?:dar|oferecer|fazer|conceder|aplicar|liberar)\b[^.;!?]{0,40}?(?:\d+ ?%|desconto|frete gratis|cupom|de graca|preco especial)",
        gives=True,
    ),
    _way(
        rf"\b(?:o |a )?(?:seu|sua|este|esse|esta|o|a) {_PT_NOUNS}(?: (?:#?\d+|de (?:[^.,;!?]|[.,]\d){{1,24}}))?(?: ja| tambem| ai)? (?:foi|esta|fica|ficou|sera|foram|estao)(?: (?:ja|agora|sendo|totalmente|devidamente))* {_PT_DONE}\b"
    ),
    _way(rf"(?:^|[\n*!.] *|^\W*\w+, ){_PT_NOUNS} {_PT_DONE}\b"),
    _way(
        r"\bvoce (?:ja |agora |tambem )?(?:ganhou|ganha|recebe|recebeu|tem|tera|recebera|vai receber|vai ganhar)\b[^.;!?]{0,30}?(?:\d+ ?%|desconto|frete gratis|cupom|reembolso|estorno|vale[ -]presente)",
        gives=True,
    ),
    _way(
        r"\b(?:use|utilize|aplique|digite|com)(?: o| seu| este| esse| a)* (?:cupom|codigo|voucher)\b(?! (?:de|do|da|para)\b)",
        gives=True,
    ),
    _way(r"\b(?:ganhe|aproveite|receba) (?:ate )?\d+ ?%", gives=True),
    _way(r"^\W*(?:negocio |combinado, |ta )?fechado\b|\bnegocio fechado\b|\be (?:seu|sua) por r\$"),
    _way(
        r"\b(?:numero|codigo) (?:do|de) (?:seu )?(?:pedido|rastreio|rastreamento|reserva|protocolo)(?: e)?:? *#?[a-z]{0,3}\d{3,}"
    ),
    _way(r"\b(?:cortesia|excecao|presente)\b[^.;!?]{0,50}\b(?:frete|desconto|gratis|de graca|isen\w+)", gives=True),
)
