"""How people state facts, changes and grants in English and Portuguese, as data.

Words stand without accents and in lower case, as `wording.flat` makes them, without apostrophes ("don t"). Words and phrases
are parted by commas; "~" after a word stands for any ending.
"""

import re

from memory.facts import matters

WISHES = """
want~, need~, would like, d like, wish~, prefer~, love, loves, loved, like, likes, liked, enjoy~, fan of, take the, take it, i take, i ll take, i ll have, send me, give me,
looking for, interested in, hate~, dislike~, detest~, avoid~, can t stand, cannot stand, no more, none of, no longer, without, only, must, have to, has to, please, pls,
favourite~, favorite~, rather, instead, as long as, i use, i wear, he wears, she wears, don t wear, doesn t wear, does not wear, do not wear, don t use, do not use, nothing, don t eat, do not eat,
doesn t eat, does not eat, don t drink, do not drink, can t eat, can t have, cannot have, can t use, cannot use, can t carry, can t lift, don t send, do not send, don t leave, do not leave, don t ring,
do not ring, don t call, do not call, don t put, do not put, don t want, do not want,
quero, queria, quer, queremos, preciso, precisa~, gostaria, gosto, gosta, gostam, gostamos, adoro, adora, prefiro, prefere, me ve, manda~, mande,
odeio, odeia, detesto, detesta, nada de, nada com, nem pensar, nada aqui, sem, somente, apenas, tem que, tenho que, vou querer, vou levar, fico com, de preferencia,
favorit~, evito, evitar, procuro, por favor, por gentileza, nao uso, nao usa, nao come, nao como, nao bebo, nao bebe, nao pode, nao posso, nao consigo, nao coloc~, nao coloque~, nao deix~,
nao toc~, nao toque~, nao lig~, nao mande~, nao envie~, nao quero, nao queremos, so aceito, so aceita, so compro, so uso, so usa, so quero, so posso, so pode, so se, so de, so com, so em, so a, so o, so na, so no,
so depois, so recebo, so recebe, so serve, so pela, so preciso, so falta
"""
"""Wants and dislikes, and what must not be; they are facts unless they are of what matters to no shop."""
HEALTH = """
allerg~, intoleran~, diabet~, asthma~, celiac, coeliac, vegan~, vegetarian~, pregnan~, wheelchair, blind, deaf, colour blind, disabled,
left-handed, left handed, right-handed, sensitive, gluten~, lactose, sugar-free, kosher, halal, migraine~, skin, hypoallergenic,
alergi~, intoleran~, diabetic~, asma~, celiac~, vegan~, vegetarian~, gravid~, gestante, cadeirante, ceg~, surd~, daltonic~, canhot~,
sensivel, sensiveis, sem acucar, enxaqueca~, pele, hipoalergenic~, autis~
"""
"""What a body bears and does not bear."""
PEOPLE = """
my name, call me, named, is called, gift~, present, presents, birthday, wedding, anniversary, christening, years old, baptism, graduation, housewarming, farewell,
for my, for our, for his, for her, meu nome, me chamo, me chama~, chama-se, presente, presentes, presentear, aniversario, casamento, batizado, cha de, bodas, formatura,
faz anos, fazendo anos, completa anos, lembrancinha~, para minha, para meu, pra minha, pra meu, who answered, quem atendeu, atendeu, in the name of, em nome de
"""
"""Names, gifts, their occasions and for whom they are."""
PLACES = """
address, avenue, apartment, apt, doorbell, concierge, reception, postcode, zip code, pick up, pick it up, deliver~, ship to, ship it, i live, we live, moved house, next to the, opposite the, behind the,
endereco, avenida, av, travessa, alameda, rodovia, bairro, apto, apartamento, bloco, fundos, portao, portaria, porteiro, campainha, cep, entreg~, moro, moramos, mora na, mora no, retirar,
condominio, ponto de referencia, ao lado da, ao lado do, em frente, perto da, perto do, atras da, atras do
"""
"""Addresses, and how a parcel reaches them."""
MEASURES = """
size~, sized, wear~, small, smaller, medium, large, larger, extra large, bigger, colour~, color~, wide, wider, width, length, longer, shorter, tall, taller, height, inch~,
half past, quarter to, quarter past, noon, midnight, dozen, pair of, hundred, thousand, budget, at most, up to,
limit, maximum, minimum, per cent, percent, tamanho~, visto, veste, calco, manequim, pequeno~, pequena~, medio, media, grande~, maior, menor, cor, cores, largura,
comprimento, comprid~, curt~, altura, alto, alta, metro~, meio-dia, meia-noite, duzia~, meia duzia, par de, orcamento,
no maximo, limite, minimo, por cento, gastar, pagar, material, tecido~, estreit~, narrow~, largo, larga, fit, fits, fitting, cabe, caber, aguentar, aguenta, strong enough
"""
"""Sizes, amounts and the like, said in words."""
DAYS = """
next week, next month, deadline, travelling, traveling, away until, my trip, the trip, until the, before the, by the, semana que vem, mes que vem, viajando, viajo, viagem, prazo, antes de, antes do, antes da
"""
"""Days and times that have no figures."""
DECISIONS = """
because, if the, if it, if you, in case, otherwise, unless, else, decided, choose, chose, go with, keep~, cancel~, return~, refund~,
exchange~, replac~, changed, swap~, confirm~, original payment, credit card, gift card, paypal, order~, broke~, broken, damaged, missing,
wrong, late, not arrived, leak~, torn, stained, scratched, dented, bent, crushed, cracked, ripped, defect~, a hole, holes, came apart, complain~, my list, coupon, voucher, invoice, tracking, warranty, promised, told me,
porque, pois, se o, se a, se nao, caso, senao, decidi, escolh~, troc~, cancel~, devol~, estorn~, reembols~, confirm~, cartao, pix, boleto,
pedido~, quebr~, danificad~, falt~, errad~, atrasad~, nao chegou, vazou, vazando, rasg~, manch~, arranhad~, amassad~, furad~, um furo, rachad~, trincad~, descostur~, defeit~, torto, torta, solto, solta, reclam~, minha lista, cupom, cupons,
nota fiscal, nota, rastreio, garantia, prometeu, falou que, disse que, chave
"""
"""Decisions with their reasons and conditions, complaints, payment, what others promised."""
PROMISES = """
we will, we ll, i will, i ll, i m going to, we are going to, will be, will send, will call, promise~, guarantee~, shall, let me ask, get back,
vou, vamos, iremos, irei, sera, serao, prometo, prometemos, garanto, garantimos, enviaremos, mandaremos, retorno, volto, ligarei,
ligaremos, avisarei, avisaremos, cai em, cair em
"""
"""What a shop says that it will do."""
ANSWERS = """
costs, cost, price, is available, are available, in stock, sold out, out of stock, washable, machine, made of, made from, made by, includes, included, contain, contains,
policy, we have, we do not, we don t, cannot, can t, you can, status, pending, delivered, shipped, processed,
cancelled, account, payment, method, custa~, preco, disponivel, disponiveis, em estoque, esgotad~, lavavel, lavar, feito de, feita de,
inclui, contem, foi, foram, politica, temos, nao temos, nao pode, pode, status, enviado, entregue, processad~, conta, pagamento, frete,
gratis, free, discount~, desconto~, warrant~, i was wrong, you are right, errei, desculp~
"""
"""What a shop says of its goods and of an order."""

CHANGES = """
actually, correction, scratch that, make it, make that, i meant, i mean, i mistyped, typo, my mistake, i was wrong, we were wrong,
changed my mind, on second thought, i changed, we changed, change it to, change that to, has changed, have changed, let s say,
would be better, is better, instead, rather than, no longer, from now on, since today, as of today, is now, now it is, it s now,
new phone, new mobile, new cell, got a new, changed my, new number, new address, new e-mail, new email, we moved, i moved, sorry the, sorry it, sorry i, sorry my, better make, forget, update it to,
scrap that, scratch the, strike that, i take that back, on reflection, thinking about it, come to think of it, i misspoke, i misread, i made a mistake,
got that wrong, got it wrong, said it wrong, wrote it wrong, typed it wrong, that was wrong, i mixed up, i mixed it up, i messed up, i confused, it should be,
should have been, that should be, let me correct, to correct myself, i ve changed, we ve changed, changed our mind, change of plan, change of plans,
switch to, switch it to, swap it for, rather have, i d rather, won t work, doesn t work, won t do, won t suit, doesn t suit, can t make, after all, the old one, the previous one, is dead, no longer works, no longer valid,
na verdade, corrigindo, correcao, errei, me enganei, enganei-me, quis dizer, digo, desculpa o, desculpe o, desculpa a, desculpe a, mudei, mudou,
mudamos, mude para, muda para, troque para, troca para, trocar para, melhor dizendo, alias, pensei melhor, pensando bem, mudei de ideia, em vez,
ao inves, no lugar, nao mais, agora e, a partir de agora, de hoje em diante, novo telefone, novo numero, novo endereco, novo e-mail, esquece, esqueca,
numero novo, telefone novo, celular novo, chip novo, novo celular, novo chip, endereco novo, e-mail novo, cep novo, troquei de, trocamos de, mudei de numero, mudei de endereco, nao da,
posso chegar, perdao, pensando melhor, repensando, refletindo, falei errado, disse errado, escrevi errado, digitei errado, passei errado, informei errado,
mandei errado, dei errado, anotei errado, confundi, me confundi, me equivoquei, equivoquei-me, foi engano, engano meu, retifico, retificando, deixa eu corrigir,
deixe-me corrigir, o certo e, o correto e, o numero certo, o endereco certo, mudanca de planos, voltei atras, resolvi trocar, resolvi mudar, decidi trocar, decidi mudar,
nao da mais, nao vai dar, nao vai servir, nao posso mais, troca por, troque por, trocar por, trocamos por, em lugar de, ja nao, o antigo, a antiga, o anterior, a anterior, nao funciona mais, nao existe mais, nao uso mais, se mudou, nos mudamos,
pushed to, pushed back to, put back to, put off to, put off until, brought forward to, postponed to, postponed until, rescheduled to, rescheduled for, moved to,
moved up to, delayed to, delayed until, changed to, measured again, measured it again, checked again, looked again, double-checked, double checked, turns out, anymore, any more,
instead of that, running late, go back to, going back to, went back to, gone back to,
adiar, adiei, adiou, adiaram, adiamos, adiado, adiada, antecipei, antecipou, anteciparam, antecipamos, remarquei, remarcou, remarcaram, remarcamos, remarcado, remarcada,
ficou para, ficou pra, ficou pro, passou para, passou pra, passou pro, passaram para, passaram pra, passaram pro, muda pra, muda pro, mude pra, mude pro, troca pra, troca pro, troque pra, troque pro,
medi de novo, medi direito, conferi de novo, olhei de novo, acabou que, acabou sendo,
vou me atrasar, me atrasei, voltei a, voltei para, voltei pra, voltei pro,
oops, whoops, oh no it, no wait, wait no, oh wait, wait it s, ops, can go up to, can stretch to, stretch it to, stretch to, consegui esticar, posso esticar, estiquei
"""
"""What says that something said before holds no longer. "wrong" and "sorry" alone do not."""
ADJUSTS = """
drop to, drop it to, drop that to, bring it down to, bring it up to, bump it to, bump it up to, cut it to, lower it to, reduce it to, raise it to, increase it to, up it to,
diminui para, diminui pra, diminua para, diminua pra, aumenta para, aumenta pra, aumente para, aumente pra, baixa para, baixa pra, baixe para, baixe pra, reduz para, reduz pra,
reduza para, reduza pra, sobe para, sobe pra, suba para, suba pra
"""
"""What alters a number that stands already."""
REJECTS = """
won t work, doesn t work, won t do, won t suit, doesn t suit, can t make, no good, is off, nao da, nao da mais, nao vai dar, nao serve, nao vai servir, nao posso mais, nao rola, nao consigo
"""
"""With one of these and no other value, a value is what is refused, and nothing takes the place of it yet."""
ABSENT = """
i m at, i m away, i m out, i m off, i m busy, i m working, i m travelling, i m traveling, i ll be at, i ll be away, i ll be out, i work on, we re at, we re away, we re out, we ll be away, we ll be out,
estou fora, estarei fora, vou estar fora, vou viajar, viajo na, viajo no, viajo dia, estou viajando, trabalho na, trabalho no, tenho medico, tenho dentista, tenho consulta, tenho reuniao, vou estar ocupado, vou estar ocupada
"""
"""Somebody is out: a day in the same breath is refused where another is named."""
AWAY = """
home, here, around, available, able, free, busy, away, travelling, working, work, like, likes, want, wants, suits, matches, goes, husband, wife, mum, mom, mother, dad, father,
daughter, son, kids, sister, brother, aunt, uncle, boyfriend, girlfriend, casa, aqui, livre, disponivel, ocupado, ocupada, trabalho, trabalhando, viajo, viajando, gosto, gosta, gostou, gostei, combina, suporta, aguenta,
marido, esposa, mulher, mae, pai, filha, filho, sogra, irma, irmao, tia, tio, noiva, noivo, namorada, namorado, medico, dentista
"""
"""Why a day or a thing is refused, and by whom: somebody is out, or does not like it."""
BETTER = frozenset({"better", "melhor"})
"""With one of these a clause begins that names something else: "Better 38"."""
CHOSEN = """
choose, chose, pick, picked, have, get, go with, rather, prefer, fico, fica, ficar, ficamos, levo, leva, levar, levamos, escolho, escolhi, escolhemos, prefiro, preferimos,
separa, separe, reserva, reserve, vou querer, vou levar, pode ser, bota, coloca, coloque,
go for, come, i come, i ll come, chego, chegamos, passo, passamos, venho, busco, retiro, troca, troque,
put, leave, poe, ponha, faz, faca, deixa, deixe
"""
"""Verbs that choose one of several things: two sentences that differ in them alone are about the same."""
CONSULTS = """
ver com, verificar com, conferir com, falar com, conversar com, consultar, perguntar para, perguntar pra, perguntar ao, perguntar a,
check with, confirm with, speak to, speak with, talk to, ask my, ask our
"""
"""What a shop says that it will ask somebody else."""
OF_ITSELF = re.compile(
    r"\b(?:we are (?:at|in|on|located)|we re (?:at|in|on)|our (?:shop|store|workshop|studio|address)|come (?:and )?(?:see|visit) us|"
    r"ficamos (?:em|na|no|a)|estamos (?:em|na|no|localizad\w+)|nossa loja|nosso (?:endereco|atelie)|nossa oficina|venha nos)\b"
)
"""How a shop speaks of where it is: an address that is not the customer's."""
NOTED = """
noted, sure, then, perfect, great, agreed, done, reserved, booked, right, fine, problem, worries, choice, got, works,
anotado, anotada, entao, certo, certa, perfeito, combinado, combinada, fechado, separado, separada, reservado, reservada, otimo, otima, problema, feito, confirmado, confirmada
"""
"""Words with which a shop takes in what it was told."""
CANCELS = """
ignore what i said, forget what i said, forget about, i don t want the, i do not want the, no longer want, don t need the, cancel the,
ignora o que, ignore o que, esquece o que, esqueca o que, nao quero mais, nao preciso mais,
i stopped, i ve stopped, i gave up, i ve given up, i ve gone off, went off, parei de, enjoei de, enjoei do, enjoei da, desisti de, desisti do, desisti da
"""
OWNERS = re.compile(
    r"\b(?<!engano )(?<!erro )(?:(my|mine|meus?|minhas?)|(?:his|hers?|theirs?|del[ea]s?))\b(?! (?:mistake|fault|bad|mind|erro|engano|falha)\b)"
)
"""Whose something is: of the speaker, in the first group, or of somebody else."""
OLD_BEFORE = re.compile(
    r"(?:,|\band|\bbut|\be)\s+(?:not|nao)\s+(?:\w{1,8}\s+){0,2}$"
    r"|\b(?:instead of|rather than|no longer|forget|scratch|em vez d[eoa]|ao inves d[eoa]|no lugar d[eoa]|esquece|esqueca|nao e mais)\s+"
    r"(?:\w{1,8}\s+){0,2}$"
)
"""What stands right before the value that holds no longer: "X, not Y", "X instead of Y"."""
MOVED = re.compile(r"\b(?:from|de)\s+(?:\w{1,8}\s+){0,2}$")
"""What stands before the old value in "from X to Y", where a verb of change stands before it."""
MOVES = """change~, move~, switch~, correct~, mud~, troc~, alter~, passa~, corrig~"""

NEGATED = """
not, no, never, none, don t, doesn t, didn t, won t, can t, isn t, aren t, cannot, without, free of, refuse~, avoid~, hate~, dislike~,
nao, nunca, sem, nem, nada, nenhum~, jamais, odeio, odeia, detesto, detesta, evit~
"""
CONDITIONAL = """if, unless, in case, otherwise, provided that, as long as, se, caso, senao, a menos que, desde que, contanto que"""
GRANTED = """
discount~, off, refund~, free, voucher~, credit~, coupon~, approve~, grant~, waive~, gift~, compensat~, reward~,
desconto~, reembols~, estorn~, gratis, gratuit~, vale, cupom, cupons, credito~, aprov~, conced~, isent~, brinde~, cortesia~, bonus
"""
"""What only a shop can give."""
SAYS = """
said, says, say, saying, claim~, asked, asks, ask, want~, wish~, would like, told, tell~, mention~, think~, believe~, request~, demand~,
report~, write~, wrote, disse, diz, dizendo, afirm~, alega~, pediu, pede, pergunt~, quer, quis, queria, gostaria, contou, mencion~, acha,
acredita, solicit~, exig~, relat~, escrev~
"""
"""Verbs by which a claim stays a claim."""
REFUSALS = frozenset("no not nothing none without never sem nada nem nenhum nenhuma nunca".split())
"""A customer's clause that begins with one of these says what must not be."""
REQUESTS = frozenset("""
wrap pack add include put leave ring call send ship bring write engrave hide split use make keep hold book reserve choose pick take remove cut change swap cancel
return refund exchange deliver remember note print attach confirm gift-wrap
embrulha embrulhe embrulham embrulhar coloca coloque colocam colocar poe ponha poem por bota bote inclui inclua incluir acrescenta acrescente acrescentar adiciona adicione
adicionar junta junte deixa deixe deixem deixar manda mande mandem mandar envia envie enviem enviar entrega entregue entreguem entregar escreve escreva escrever grava grave gravar
usa use usem separa separe separem separar reserva reserve reservar guarda guarde guardar tira tire tirem tirar troca troque troquem trocar muda mude cancela cancele cancelar
devolve devolva avisa avise avisem avisar liga ligue liguem ligar toca toque toquem tocar lembra lembre lembrar anota anote anotar confirma confirme corta corte cortar faz faca fazer
fecha feche capricha leva leve traz traga parcela parcele parcelar divide divida dividir
""".split())  # fmt: skip
"""Verbs by which a customer has a shop do something, where a clause begins with them."""
BEFORE_REQUESTS = frozenset("""
please pls just so then and also but could can would will you me it don t do not never ok
por favor entao e ai ah oi so mas tambem pode podem poderia poderiam da dava para pra voce voces me nao nunca ja o a ok queria quero
""".split())  # fmt: skip
"""Words that may stand before them."""
WANTED = """
wants, wanted, wishes, would like, prefers, preferred, requests, requested, needs, needed, bought, ordered, quer, queria, gostaria, prefere, preferiu, precisa, pediu, pede,
comprou, encomendou
"""
"""What customers do, as notes tell of it."""
OF_CUSTOMERS = """customer~, client, clients, buyer~, shopper~, cliente~, comprador~, consumidor~"""
OF_SHOPS = """shop, store, seller~, assistant~, agent~, loja, atendente~, vendedor~, assistente~"""
ORDERS = re.compile(
    r"\b(?:system ?:|</?system|ignor\w+ (?:all|any|previous|every|the above|everything|your|these|those|todas|tudo|acima|as instrucoes|suas|essas)|disregard|instruc(?:tion|ao|oes)\w*|prompts?\b|"
    r"you (?:are|must|should) (?:now |always |never )|as an ai|assistant ?:|voce (?:deve|agora e|precisa)|a partir de agora voce|"
    r"(?:in|for|of) (?:your|the|this) summar\w+|summari[sz]e|ao resumir|n?o (?:seu )?resumo|para o resumo|your notes|suas (?:notas|anotacoes))"
)
"""What speaks to the one who makes the notes, or reads them, and not to the shop."""

SOCIAL = frozenset("""
hi hello hey dear good morning afternoon evening night thanks thank you very much so many a lot ok okay alright all right sure yes no yep
great perfect fine cool nice wonderful please welcome bye goodbye see soon one moment now noted got it understood of course absolutely
certainly the is are that s it i we me us my your for help can at service have day done saved stop appreciate
oi ola bom boa dia tarde noite obrigado obrigada muito obrigadao valeu ok certo claro sim nao isso ta bem tudo combinado perfeito otimo
beleza por favor de nada ate logo tchau um momento agora anotado anotada entendido entendida pode ajudar deixar eu voce fico a disposicao
registrado feito e o que
""".split())  # fmt: skip
"""A clause of these words alone is courtesy."""

STOP = frozenset("""
a an the this that these those between entre and or but if then so as at by for from in into of on onto to up with about over under than is are was were
be been being am do does did done have has had having will would can could shall should may might must i you he she it we they me him her us
them my your his its our their mine yours ours theirs who whom whose which what when where why how not no nor very too also just only all any
some each every one ones there here please s t d ll re ve m more most much many other another such own same again once now out off
o os as um uma uns umas e ou mas se entao como em no na nos nas de do da dos das ao aos a para pra por pelo pela com sem sobre sob ate que
quem qual quais quando onde porque eu tu ele ela nos vos eles elas me te lhe lhes meu minha meus minhas seu sua seus suas dele dela este esta
esse essa isso isto aquele aquela aquilo ser sou e sao era foi foram fui sera estar esta estao estou estava ter tem tenho tinha ha nao nem
opa ops oops hmm hm ah oh uh er well bem olha look eh ei puxa gente pessoal
sim ja mais menos muito muita tambem so apenas mesmo mesma mesmos mesmas la ai ali aqui agora num numa dum duma
""".split())  # fmt: skip
GENERIC = frozenset("""
customer client buyer shop store seller assistant cliente loja vendedor atendente said says say asked asks told tells mentioned reported
claims claimed explained confirmed stated answered replied requested noted wants want wanted wishes needs need needed would likes like
disse diz falou perguntou pergunta respondeu informou pediu pede quer queria precisa confirmou afirma afirmou explicou contou gostaria
order orders pedido pedidos item items itens product products produto produtos message conversation conversa mensagem talked spoke
vai vou vamos ira iremos will going preciso necessario
is was wish asking called bought buy takes take comprou compra file arquivo
""".split())  # fmt: skip
"""Words of every note: who spoke, and that something was said, wanted or ordered."""
COLOURS = frozenset("""
red blue green yellow orange purple violet pink brown black white grey gray beige cream ivory navy teal turquoise cyan magenta maroon
burgundy gold golden silver bronze copper coral salmon peach lilac lavender mint olive lime mustard amber indigo khaki tan charcoal scarlet
crimson terracotta ecru ochre rust fuchsia aqua natural raw sage taupe mauve aubergine emerald sapphire ruby cerulean cobalt azure cerise puce sepia russet
auburn mahogany vermilion aquamarine periwinkle
vermelho vermelha azul azuis verde verdes amarelo amarela laranja roxo roxa rosa marrom preto preta pretos pretas branco branca brancos brancas
cinza bege creme marfim marinho turquesa dourado dourada prata prateado bronze cobre coral lilas lavanda menta oliva mostarda ambar anil
caqui vinho grafite terracota cru crua ocre ferrugem musgo violeta castanho salmao pessego vermelhos vermelhas amarelos amarelas
roxos roxas castanha chumbo esmeralda safira rubi berinjela petroleo carmim escarlate celeste carmesim bordo nude rosado rosada
""".split())  # fmt: skip
SLOT_NOUNS = frozenset("""
address street phone number telephone mobile cell whatsapp zap e-mail email mail date day delivery deliver time size quantity amount colour color
budget limit price cost costs postcode zip code order shipping ship
endereco rua telefone numero celular fone data dia entrega entregar hora horario tamanho quantidade cor orcamento limite preco custa valor cep
codigo frete pedido
""".split())  # fmt: skip
"""What the places are called that a customer fills in once: two sentences about one of them are about the same."""
STREET = re.compile(
    r"\b(?:rua|r\.|avenida|av\.?|travessa|tv\.?|alameda|al\.|praca|rodovia|estrada|largo|ladeira)\s+[\w.' -]{2,60}(?:,?\s*(?:n[º°o.]{0,2}\s*)?\d{1,5}\w?)?"
    r"|\b\d{1,5}\w?\s+(?:[\w'.-]{1,20}\s+){1,4}?(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|square|boulevard|blvd|court|ct|way|place|terrace|close)\b"
)

SERVICE = """
feel free, let me know if, let us know if, anything else, further assistance, further questions, any questions, happy to help, glad to help,
glad i could, i can help, i d be happy, happy to assist, can assist you, could you please provide, could you please confirm, can you please provide,
please provide, please confirm, thank you for choosing, thank you for your patience, thank you for contacting, thanks for contacting, have a great,
have a nice, take care, you re welcome, no worries, no problem, how can i help, how may i, look it up, let me check, let me look, one moment,
authenticate your identity, verify your identity, welcome to, i understand, we understand,
parabens, congratulations, congrats, happy birthday, posso ajudar, mais alguma, qualquer duvida, a disposicao, fico feliz, conte conosco, pode contar, por favor informe, poderia informar,
poderia me informar, pode me informar, poderia confirmar, por favor confirme, agradecemos, obrigado por, obrigada por, tenha um, tenha uma,
de nada, sem problema, imagina, como posso, vou verificar, vamos verificar, vou ver, vamos ver, deixa eu ver, bem-vind~, entendo
"""
"""What shops say around what they say."""

ADDS = """
also, too, another, other, more, plus, as well, first, second, third, like, likes, love, loves, prefer~, hate~, enjoy~, has been, have been, was,
were, did, paid, bought, received, arrived, came, broke, sent, charged, processed, issued, refunded, delivered, shipped, ordered,
tambem, outro, outra, outros, outras, mais, primeiro, primeira, segundo, segunda, terceir~, gosto, gosta, adoro, adora, prefiro, prefere, odeio,
detesto, foi, foram, era, eram, paguei, comprei, recebi, chegou, chegaram, veio, vieram, quebrou, cobraram, enviei, mandei, pedi, estornad~
"""
"""What there can be more than one of: likings, and what has happened."""
ALSO = """
also, too, as well, both, in addition, another, besides, plus, one more, two more, three more, a second, on top,
tambem, alem, ambos, ambas, os dois, as duas, outro, outra, mais um, mais uma, mais dois, mais duas, mais tres, um segundo, uma segunda
"""
"""What comes to the rest, whatever else a clause says of it."""
INQUIRES = """
do you have, have you got, do you sell, do you know, is it, is there, is that, are there, are they, does it, do they, did you, how much, how many, how long,
what, which, who, when, where, why, tem, tem a, tem o, voces tem, voce tem, vende, vendem, existe, ha, e de, quanto, quantos, quantas, qual, quais, quem, quando, onde
"""
"""A question with one of these asks to know something; another may ask that something be done."""

PHRASES = {
    "adds": ADDS,
    "also": ALSO,
    "inquires": INQUIRES,
    "service": SERVICE,
    "stated": ",".join((HEALTH, PEOPLE, PLACES, DAYS, DECISIONS)),
    "wished": WISHES,
    "matters": ",".join((MEASURES, matters.GOODS, matters.MAKES, matters.PARCELS, matters.FOOD)),
    "talk": matters.TALK,
    "answered": ",".join((HEALTH, PEOPLE, PLACES, DAYS, PROMISES, ANSWERS, DECISIONS)),
    "promised": PROMISES,
    "consults": CONSULTS,
    "changes": f"{CHANGES},{ADJUSTS}",
    "adjusts": ADJUSTS,
    "cancels": CANCELS,
    "rejects": REJECTS,
    "absent": ABSENT,
    "moves": MOVES,
    "negated": NEGATED,
    "conditional": CONDITIONAL,
    "granted": GRANTED,
    "says": SAYS,
    "wanted": WANTED,
    "of customers": OF_CUSTOMERS,
    "of shops": OF_SHOPS,
}
"""What a clause can be found to be by its words: `wording.Words.cues` names what it is. "stated": it states something if the
customer says it; "answered": if the shop does."""
