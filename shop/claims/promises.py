"""The ways in which an assistant says that it granted or did what only a person of the shop can. Data.

English and Portuguese, as patterns over folded text: who ("I have", "we will", "your order has been"), what is done, and to
what. grants.py holds what makes such words none: conditions, denials, questions, instructions.
"""

import re
from dataclasses import dataclass

from shop.claims import acts

_HAVE = r"(?:i|we)(?:'ve| have| 've|'m| am|'re| are)?(?: (?:just|already|now|also|successfully|gone ahead and|went ahead and|happily|gladly|personally|been able to))*"
_WILL = r"(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to| shall|'d be (?:happy|glad) to| would be (?:happy|glad) to)(?: (?:also|now|just|then|gladly|happily|personally|immediately|certainly|make sure to|go ahead and|be (?:happy|glad) to))*"
_CAN = r"(?:i|we)(?: can| could|'m able to| am able to| can certainly| can absolutely)(?: (?:also|certainly|gladly|happily))*"
_DID = (
    rf"{acts.DID}|gone ahead|put (?:it|this|that|them|the \w+|your \w+) through|let the team know|made an? (?:exception|note|booking|reservation)|added an? note|left an? note"
    r"|decided to (?:make an exception|refund|give|offer)|passed (?:it|this|that|your \w+) (?:on|along)"
)
_DO = (
    rf"{acts.DO}|knock|take \d+|match|cover (?:the |your )?(?:delivery|shipping|postage|fee|cost|difference)|give you|offer you|get you|let (?:you|them|the \w+|our \w+|\w+) know"
    r"|call you|text you|pass (?:it|this|that|your \w+) (?:on|along)|make an exception|keep (?:it|one|them)"
    r"|make sure (?:that )?(?:[a-z]+ ){1,5}(?:kept|held|reserved|refunded|set aside|cancel+ed|arrives?|goes|gets|is)|take care of (?:it|this|that|your)|deliver (?:it )?(?:for )?free"
)
_THINGS = (
    r"(?:refund|order|return|exchange|replacement|discount|coupon|voucher|code|credit|reservation|cancellation|request|shipping|delivery|address|price|fee|item|parcel|package|gift|free|label|\d+ ?%"
    r"|one|it|them|this|that|you|your|the last|the staff|expedited|unit|units|upgrade|ticket|case|team|colleagues?|manager|purchase|payment|cart|basket|hold|stock alert|dispute|complaint|claim|investigation|courier|carrier|warehouse|account|card|appointment|collection|window|deadline|rules|postage|charge|money|yours)"
)
_MINE = r"(?:your|the|this|that)(?: (?!your|the|this|my|our)[a-z]+){0,2}?"
_NOUNS = r"(?:refund|order(?: (?:#?\w*\d\w*|for [^.,;!?]{1,60}))?|return(?: request)?|exchange|replacement|discount|coupon|reservation|cancel+ation|request|shipping address|delivery address|address|credit|purchase|payment|free (?:delivery|shipping)|upgrade|claim|store credit|(?:staff|special|new|discounted|reduced) price|price match|code|voucher|booking|appointment|complaint|ticket|parcel|package|replacement)"
_SENT = r"(?:confirmation|receipt|invoice|label|e-?mail|message|tracking (?:code|link|number)|courier|replacement|refund|ticket|request|gift card|voucher)"
"""What is sent or opened for one customer: "a confirmation has been sent"."""
_SUM = r"(?:r\$|us\$|[$€£])? ?\d[\d.,]*\d|\d"
"""An amount that stands beside what is granted: "your R$ 300.00 refund"."""
_OF = r"(?: of (?:[^.,;!?]|[.,]\d){1,24}| for (?:[^.,;!?]|[.,]\d){1,40})?"
_SURELY = r"(?: (?:successfully|already|now|fully|just|also|automatically|officially|all))*"
_HAS_BEEN = rf"{_OF} (?:(?:has|have)(?: (?:now|already|just|also))* been|(?:is|are) (?:now|already)|(?:is|are) being|was|were){_SURELY}"
_IS = rf"{_OF} (?:is|are|will(?: now)? be){_SURELY}"
"""Also how a rule is worded: "the order is cancelled if nobody pays"."""
_DONE = rf"(?:{acts.DONE}|confirmed|added to your (?:cart|order|account|basket)|guaranteed|accepted|active|valid for you|on its way|received|charged|set up|set aside|put aside|saved|sorted|all set|on hold)"

_PT_DID = rf"(?:{acts.PT_I_DID}|(?:eu|ja) {acts.PT_IT_DOES_TOO}|dei|isentei|consegui(?:mos)?|(?:ja|acabamos de) {acts.PT_WE_DID})"
_PT_WE_DID = rf"{acts.PT_WE_DID} (?:o |a |os |as )?(?:seus?|suas?|voce)"
_PT_DO = rf"(?:{acts.PT_DO}|dar|oferecer|retirar a taxa|lembrar|ligar|entrar em contato)"
_PT_FUTURE = rf"(?:{acts.PT_FUTURE}|(?:entrar|ligar)(?:ei|emos)|darei)"
_PT_NOUNS = r"(?:valor|dinheiro|pedido|reembolso|estorno|troca|cupom|desconto|compra|endereco(?: de entrega)?|devolucao|reserva|cancelamento|solicitacao|frete gratis|pagamento|preco (?:especial|promocional|de funcionario)|credito|vale|entrega|frete|produto|multa|taxa|reclamacao|chamado|brinde|agendamento)"
_PT_DONE = rf"(?:{acts.PT_DONE}|(?:realizad|feit|aceit)[oa]s?|a caminho|valendo|ativ[oa]s?)"
_PT_SURELY = r"(?: (?:ja|agora|sendo|totalmente|devidamente|tambem))*"
_HARMLESS = r"(?:written|split|divided|grouped|found|listed|checked|looked|compared|calculated|shown|put together|gathered|summari[sz]ed|explained|mentioned|said|seen|read|heard|understood|considered|described|picked|chosen|answered|told|given|kept in mind|used|included|added|counted|converted|rounded|assumed|worked|no|not|never|check|look|find|compare|calculate|explain|show|list|suggest|help|see|add|work|describe|tell|answer|recommend|search|give|share|ask|narrow|pick|sum)\b"
"""What an assistant may well do or have done: it binds nobody."""
_DAY = r"(?:today|tomorrow|tonight|this (?:morning|afternoon|evening|week)|in (?:a few|\d+) (?:minutes|hours)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|hoje|amanha|segunda|terca|quarta|quinta|sexta|sabado|daqui a pouco|em \d+ (?:minutos|horas)|em instantes)"
_CALLED = r"(?:call|phone|ring|visit|contact|pick(?: it| them| up)?|collect|bring|come|stop by|vir|reach out|be in touch|ligar|telefonar|contatar|buscar|coletar|procurar|chamar|entrar em contato|passar|levar)"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to grant something.

    `in_spite`: it is a promise also behind a condition ("as soon as it is back, I will notify you"). `gives`: it gives a
    discount, a code or free delivery, which the shop's texts may give to all. `denies`: its own words hold a denial ("you do
    not have to pay"). `as_rule`: rules are worded like this too, so it is none where the sentence goes on with a condition or
    a time limit. `goes_on`: it is one only after another ("you will get a confirmation shortly").
    """

    pattern: str
    in_spite: bool = False
    gives: bool = False
    denies: bool = False
    as_rule: bool = False
    goes_on: bool = False


_STRETCH = "[^.;!?]"
_OVER_DECIMALS = r"(?:[^.;!?]|[.]\d)"


def _way(pattern: str, **kinds: bool) -> Way:
    return Way(pattern.replace(_STRETCH, _OVER_DECIMALS), **kinds)


WAYS = (
    _way(
        rf"\b{_HAVE} (?:{_DID})\b(?! (?:it |them |these |everything )?(?:up|by)\b)(?= [^.;!?]{{0,60}}\b{_THINGS}\b|[.!,]| *$)"
    ),
    _way(
        rf"\b{_WILL} (?:notify|inform|alert|let you know|e-?mail you|text you|call you|contact you|get back to you|hold|reserve|set (?:it |one )?aside|keep you posted|remind you)\b",
        in_spite=True,
    ),
    _way(rf"\b(?=i){_WILL} (?:{_DO})\b"),
    _way(rf"\b(?=we){_WILL} (?:{_DO})\b", as_rule=True),
    _way(rf"\b{_CAN} (?:{_DO})\b(?! up\b)(?= [^.;!?]{{1,30}}\bfor you\b)"),
    _way(
        rf"\b(?:posso|podemos|consigo|conseguimos)(?: te| lhe| sim| ja)* {_PT_DO}\b(?= [^.;!?]{{1,30}}\b(?:para|pra) (?:voce|ti)\b)"
    ),
    _way(
        rf"\b{_CAN} (?:offer|give|grant|get|do|knock|take|apply|let you have)\b[^.;!?]{{0,40}}?(?:\d+ ?%|discount|free (?:delivery|shipping)|coupon|special price|half price|same (?:deal|price)|that price)",
        gives=True,
    ),
    _way(
        rf"\b(?:{_CAN}|{_WILL}) (?:do|sell|let you have|give you)\b[^.;!?]{{0,30}}? for (?:only |just )?(?:r\$|us\$|[$€£])"
    ),
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
    _way(rf"\b{_MINE} (?:(?:{_SUM}) (?:[a-z]+ )?)?{_NOUNS}{_HAS_BEEN} {_DONE}\b"),
    _way(rf"\b{_MINE} (?:(?:{_SUM}) (?:[a-z]+ )?)?{_NOUNS}{_IS} {_DONE}\b", as_rule=True),
    _way(
        rf"\b(?:i|we)(?:'ve| have)(?: (?:just|already|now|also))* (?!{_HARMLESS}|been\b)(?:[a-z]+(?:ed|en|wn)|put|set|had|made|sent|got) (?:[a-z]+ ){{0,3}}(?:your (?:order|cart|basket|account|delivery|parcel|refund|address|request|case|card|bag)|yours|in your (?:cart|basket|bag)|a (?:ticket|case|claim|dispute|complaint))\b"
    ),
    _way(rf"\b{_CAN} (?!{_HARMLESS})[a-z]+ [^.;!?]{{0,20}}\byours?\b[^.;!?]{{0,20}}\bfor you\b"),
    _way(rf"\b(?=i){_WILL} have (?:a|an|the|our|my|someone|somebody) [^.;!?]{{2,30}}? (?:{_CALLED}|{acts.DO})\b"),
    _way(
        r"\b(?!encontrei|verifiquei|achei|mencionei|citei|listei|comparei|calculei|somei)[a-z]{3,}ei [^.:;!?]{0,40}\b(?:seu|sua)s? (?:carrinho|pedido|conta|cadastro|compra|sacola|cesta|entrega|endereco|reembolso)\b"
    ),
    _way(rf"\byour (?:[a-z]+ ){{0,2}}[a-z]+ will(?: now)? be {_DONE}\b", as_rule=True),
    _way(rf"(?:^|[.!] *)(?:[a-z]+ ){{1,3}}{acts.DONE} ?!"),
    _way(
        r"\byou(?:'ll| will) (?:get|receive|see) (?:an?|the|your) (?:[a-z]+ )?(?:confirmation|e-?mail|receipt|tracking|label|call|code)\b[^.;!?]{0,30}\b(?:shortly|soon|in a (?:minute|moment)|today|tomorrow|tonight|within the hour)\b",
        goes_on=True,
    ),
    _way(rf"\b{_MINE} {_NOUNS}{_OF} (?:has|have) (?:now |just |already )*(?:gone (?:through|out|off)|shipped|left)\b"),
    _way(r"\b(?:has|have|with|got) your name on (?:it|them)\b"),
    _way(rf"\b(?:your|the) (?:[a-z]+ )?{_NOUNS}'s(?: (?:now|already|just))* been {_DONE}\b"),
    _way(
        r"\b(?:i|we)(?:'ve| have) (?:asked|told|messaged|instructed) (?:the|our|my) (?:team|warehouse|manager|courier|staff|colleagues?|driver|carrier)\b"
    ),
    _way(
        r"\b(?:i'm|i am|we're|we are) making an? (?:\w+ )?exception\b|\b(?:that's|it's|this is) all (?:done|sorted|arranged) for you\b"
    ),
    _way(
        r"\b(?:signed off|approved|authori[sz]ed)(?: on)? (?:the|your|a) (?:\w+ )?(?:refund|discount|exchange|return|exception)\b"
    ),
    _way(rf"\bvoce (?:esta|ta|fica|ficou) isent[oa]\b|\b(?:fiz|fizemos) (?:o|a|um|uma|sua|seu) {_PT_NOUNS}\b"),
    _way(rf"^\W*(?:[a-z]+[,!:] )?{acts.PT_DONE} ?!|^\W*[a-z]+: {_PT_NOUNS} {_PT_DONE}\b"),
    _way(rf"^\W*{acts.PT_I_DO} (?:o|a|um|uma|seu|sua)\b"),
    _way(rf"\b(?:passa|busca|coleta|leva)(?: ai| la)? (?:ja )?{_DAY}\b", as_rule=True),
    _way(
        r"\b(?:free|gratis|de graca)(?: (?:for you|para voce))? (?:this time|this once|just this once|on this order|d?esta vez|so hoje|neste pedido)\b"
    ),
    _way(
        rf"\b(?:it|that|this)(?:'s| has) (?:already |now |just )*been (?!reduced|lowered|discounted|dropped|cut|updated|changed|replaced|modified|released|removed){acts.DONE}\b"
    ),
    _way(r"\byou (?:now |only |just )+pay (?:only )?(?:\d+ ?% (?:less|off)|half)\b", gives=True),
    _way(r"\b(?:frete|entrega|envio|taxa) (?:(?:fica|ficou|sai|vai|e|sera|foi) )?por minha conta\b"),
    _way(
        r"\b(?:goes|ships|leaves|heads)(?: out| off)?(?: to you)? (?:today|tomorrow|tonight)\b|\b(?:segue|sai|embarca)(?: ja)? (?:hoje|amanha)\b",
        as_rule=True,
    ),
    _way(rf"\byour (?:(?!order|policy)[a-z]+ ){{0,2}}[a-z]+{_HAS_BEEN} {_DONE}\b"),
    _way(r"\byour (?:[a-z]+ ){0,2}[a-z]+ (?:is|are) (?:set aside|reserved|saved|on hold|sorted)\b", as_rule=True),
    _way(
        rf"\b(?:{_HAVE}|{_WILL}|let me|we can|i can) (?:get|got|gotten|have|had) (?:it|that|this|one|them|everything|(?:your|the|that|this) (?:[a-z]+ )?[a-z]+) (?:started|sorted|moving|done|fixed|rolling|{acts.DONE})\b",
        as_rule=True,
    ),
    _way(rf"^\W*(?:[a-z]+[,!] )?{acts.DONE} ?!"),
    _way(
        r"\b(?:replacement|order|parcel|package|new one|refund|pedido|pacote|reembolso|novo) (?:(?:ships|goes|leaves)(?: out)?|is (?:leaving|shipping)|sai|segue|vai|embarca) (?:today|tomorrow|tonight|hoje|amanha)\b",
        as_rule=True,
    ),
    _way(
        rf"\b(?:meu|minha|nosso|nossa|o|a) (?:gerente|chefe|supervisora?|equipe|time|diretora?|don[oa]|loja) (?:ja |me )*{acts.PT_THEY_DID}\b"
    ),
    _way(
        rf"\b(?:my|our|the) (?:manager|boss|supervisor|team|owner|staff)(?: (?:has|have|just|already))* {acts.DONE}\b"
    ),
    _way(rf"\ba gente {acts.PT_THEY_DO}\b(?= [^.;!?]{{0,30}}\b(?:para|pra) (?:voce|ti)\b)", as_rule=True),
    _way(rf"\b(?:te|lhe) (?:liga|chama|procura|retorna|manda|envia|entrega)\b[^.;!?]{{0,20}}\b{_DAY}\b"),
    _way(rf"\bdeix(?:ei|amos) (?:ja )?{_PT_DONE}\b"),
    _way(rf"\ban? (?:[a-z]+ ){{0,2}}{_SENT}{_HAS_BEEN} {_DONE}\b"),
    _way(
        r"\b(?:is|are|'s|'re|has been|have been|was|were)(?: (?:now|already|just|being|also))* (?:reserved|held|kept|booked|saved|set aside|put aside|on hold|ordered|waiting|ready)(?: (?:for you|under your name|in your name))\b"
        r"|\b(?:is|are|'s|'re|has been|have been)(?: (?:now|already|just|being|also))* on hold\b"
    ),
    _way(
        r"\b(?:is|are|'s|'re|has been|have been)(?: (?:now|already|both|all|just|added))* (?:in|to) your (?:cart|basket|order|bag|account)\b"
    ),
    _way(
        r"(?:^|[.!,] *)(?:and )?you(?:'re| are)(?: now)? all set\b|\byou(?:'re| are)(?: now)? all set with (?:your|the|a)\b"
    ),
    _way(
        rf"\b(?:consider|considere|considerar)(?: (?:it|that|this|them|your \w+|the \w+|o seu \w+|o \w+))? (?:done|sorted|settled|yours|handled|{acts.DONE}|feit[oa]|resolvid[oa]|{acts.PT_DONE})\b"
    ),
    _way(
        r"\b(?:leave (?:it|that|this|everything) (?:with|to) me|i'm on it|i've got (?:this|you covered)|pode deixar (?:comigo|que (?:eu|a gente|nos|vou|ja))|deix[ae] comigo)\b"
    ),
    _way(
        rf"(?:will|'ll|(?:is|are) going to|vai|vao|ira|irao)(?: (?:also|personally|then|te|lhe|ja))* {_CALLED}\b[^.;!?]{{0,40}}\b{_DAY}\b"
    ),
    _way(
        r"\b(?:you|it|this|that|they|the \w+(?: fee)?)(?: won't| will not|'ll not| are not going to) be (?:charged|billed|taken)\b(?! (?:interest|extra|until|before|more))"
        r"|\bnao (?:sera|serao|vai ser|vao ser) cobrad[oa]s?\b(?! (?:juros|ate|antes|mais))",
        gives=True,
        denies=True,
        as_rule=True,
    ),
    _way(
        rf"(?:^|[\n*!.] *)(?:refund|order|discount|coupon|reservation|exchange|cancellation|return|free delivery|price match)(?: [a-z]+)? {_DONE}\b"
    ),
    _way(
        r"\b(?:a|the|your) (?:full |partial )?(?:refund|replacement|credit|return label)(?: of [^.,;!?]{1,24})? (?:is|are) (?:already |now )?(?:on (?:its|the) way|being processed|coming)\b"
    ),
    _way(
        r"\byou(?:'ll| will|'ve| have| are going to|'re)?(?: now| also| all)? (?:get|receive|have|enjoy|got|earned|won|qualify for|being given)\b[^.;!?]{0,30}?(?:\d+ ?% (?:off|discount)|\d+ ?%|discount|coupon|free (?:delivery|shipping)|(?:priority|express|vip) \w+|for free|store credit|half price)",
        gives=True,
    ),
    _way(
        r"\byou(?:'ll| will) (?:be|get|receive) (?:a |your )?(?:full(?:y)? |partial |complete |automatically )*(?:refund(?:ed)?|reimbursed|money back|credited|compensated)\b",
        as_rule=True,
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
    _way(r"\b(?:students?|seniors?|members?|teachers?) (?:get|receive) \d+ ?%(?: off\b)?", gives=True),
    _way(
        r"\b(?:(?:will be|is being) (?:sent|shipped|credited|refunded|back|delivered|dispatched)|sera (?:enviad|creditad|devolvid|estornad|reembolsad|despachad|entreg)[a-z]*)\b[^.;!?]{0,40}\b(?:today|tomorrow|tonight|hoje|amanha)\b"
        r"|\b(?:dinheiro|valor|reembolso|estorno)\b[^.;!?]{0,24}\b(?:volta|cai|retorna|chega|estara)\b[^.;!?]{0,40}\b(?:hoje|amanha)\b"
    ),
    _way(rf"\border #?\w*\d\w*{_HAS_BEEN} {_DONE}\b"),
    _way(rf"\border #?\w*\d\w*{_IS} {_DONE}\b", as_rule=True),
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
    _way(r"\b(?:he|she|they|someone|somebody|a colleague|our team)(?: will|'ll) (?:call|phone|ring|visit) you\b"),
    _way(
        r"\bi can confirm (?:your|the|that you (?:get|have|will get))(?: [\w%]+){0,2}? ?(?:discount|refund|order|reservation|coupon|free)\b"
    ),
    _way(r"^\W*(?:confirmed|confirmado)\b(?=[!.,:])(?!:)"),
    _way(
        r"\b(?:refund|replacement|parcel|order|package|reembolso|estorno|pedido)\b[^.;!?]{0,60} (?:is|esta|are) (?:already |now |ja )?(?:on (?:its|the) way|a caminho)\b"
    ),
    _way(
        rf"\b(?:i'm|i am|we're|we are)(?: (?:now|just|currently|already|also))* (?:{acts.DOING}|transferring|connecting|giving|offering|putting you through)\b(?= [^.;!?]{{0,40}}\b{_THINGS}\b)(?! you (?:the|a) (?:link|list|details))"
    ),
    _way(
        rf"\b{_HAVE} (?:located|found|checked|looked (?:up|into|at)|reviewed|verified|pulled up|marked|prioriti[sz]ed|noted|flagged) (?:your|the|it|this)(?: [a-z]+){{0,2}}? ?(?:order|account|payment|parcel|refund|package|request|for|as)\b"
    ),
    _way(r"\b(?:can|will|'ll|happy to|glad to) (?:match|beat) (?:that|it|this|the|their|your|any)\b"),
    # Portuguese
    _way(
        r"\b(?:frete|entrega|envio|taxa) (?:(?:fica|ficou|sai|vai|e|sera|foi) )?por (?:nossa conta|conta da casa)(?= (?:desta|dessa|nesta|nesse|neste|para voce|hoje|agora)|[.!])",
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
    _way(rf"\beu (?:mesm[oa] |ja |te )*{acts.PT_I_DO}\b"),
    _way(
        r"\b(?:localizei|encontrei|verifiquei|consultei|chequei|analisei) (?:o |a )?(?:seu|sua) (?:pedido|pagamento|compra|cadastro|reembolso|entrega)\b"
    ),
    _way(rf"\b(?:ja |eu |acabei de ){{0,2}}{_PT_DID}\b(?! (?:que|se)\b)"),
    _way(rf"\b{_PT_WE_DID}\b", as_rule=True),
    _way(rf"\bacab(?:ei|amos) de {_PT_DO}\b"),
    _way(
        rf"\b(?:ja |agora )?(?:esta|estao|foi|foram|ficou|ficaram|fica)(?: (?:ja|agora))* {_PT_DONE} (?:(?:para|pra) (?:voce|ti)|n?o seu nome|em seu nome|com voce)\b"
        rf"|\b[ao]s? [a-z-]+(?: [a-z]+)? ja (?:foi|foram|esta|estao) {_PT_DONE} (?:para|pra) (?:voce|ti)\b"
        r"|\b(?:esta|estao)(?: ja)? n[oa] (?:seu|sua) (?:carrinho|sacola|cesta|conta|pedido)\b"
    ),
    _way(
        r"\b(?:vou|vamos|irei|iremos)(?: te| lhe| ja| agora| tambem)* (?:avisar|notificar|informar|reservar|separar|guardar|ligar|lembrar|entrar em contato)\b",
        in_spite=True,
    ),
    _way(rf"\b(?:vou|vamos|irei|iremos|estou|estamos)(?: te| lhe| ja| agora| tambem)* (?:{_PT_DO}|{acts.PT_DOING})\b"),
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
        rf"\b(?:o |a )?(?:seu|sua|este|esse|esta|o|a) {_PT_NOUNS}(?: (?:#?\d+|d[eoa]s? (?:[^.,;!?]|[.,]\d){{1,24}}))?{_PT_SURELY} (?:foi|ficou|foram|ficaram|ja es?ta|ja estao|ja ta){_PT_SURELY} {_PT_DONE}\b"
    ),
    _way(
        rf"\b(?:o |a )?(?:seu|sua|este|esse|esta|o|a) {_PT_NOUNS}(?: (?:#?\d+|d[eoa]s? (?:[^.,;!?]|[.,]\d){{1,24}}))?{_PT_SURELY} (?:esta|ta|fica|sera|estao){_PT_SURELY} {_PT_DONE}\b",
        as_rule=True,
    ),
    _way(rf"(?:^|[\n*!.] *|^\W*\w+, ){_PT_NOUNS} {_PT_DONE}\b"),
    _way(
        r"\bvoce (?:ja |agora |tambem )?(?:ganhou|ganha|recebe|recebeu|tem|tera|recebera|vai receber|vai ganhar)\b[^.;!?]{0,30}?(?:\d+ ?%|desconto|frete gratis|cupom|vale[ -]presente)",
        gives=True,
    ),
    _way(
        r"\bvoce (?:ja |agora |tambem )?(?:ganhou|recebe|recebeu|tem|tera|recebera|vai receber)\b[^.;!?]{0,20}?(?:reembolso|estorno)\b",
        as_rule=True,
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
AND_MORE = re.compile(
    rf"(?:,|;| and) (?:also |then |even |have |will |'ll |i |we )*(?:{_DO}|{_DID}|marked)\b(?= [^.;!?]{{0,40}}\b{_THINGS}\b)| e (?:ja |tambem |te |lhe )*(?:{acts.PT_WE_DID}|aceitamos)\b"
)
"""What goes on with what was granted before it: "I have cancelled it and will refund you"."""
