"""The wording that dialogues are woven from, in English and Portuguese. Data only, all written for this project."""

LANGUAGES = ("en", "pt")

CUSTOMER_SAYS = {
    "en": {
        "order": (
            "My order number is {v}, could you look it up please?",
            "I am writing about order {v}, it is the one for my sister's wedding.",
            "The label on the parcel of order {v} was torn when it came.",
        ),
        "sku": (
            "I am looking at {v} on your page and wonder how it is cleaned.",
            "My neighbour has the {v} and I would like the same one.",
            "Could you put {v} on the list of things I am thinking about?",
        ),
        "money": (
            "I can spend at most {v} on the present, delivery included.",
            "The bank took {v} from my account for it, is that the sum you see?",
            "On the market they asked {v} for something like it.",
        ),
        "date": (
            "The party is on {v}, so it has to be here before.",
            "I paid on {v} in the afternoon.",
            "We move into the new flat on {v}.",
        ),
        "size": (
            "For the bedroom I would take it in {v}.",
            "The one that fits our veranda is {v}.",
            "If there is a choice, then {v} for the second one.",
        ),
        "address": (
            "Please send it to {v}, the blue gate.",
            "My husband is easier to reach at {v}.",
            "The invoice should go to {v}.",
        ),
        "preference": ("Something you should know: {v}.", "By the way, {v}.", "One wish of mine: {v}."),
        "negation": ("One thing for the courier: {v}.", "And please remember, {v}."),
    },
    "pt": {
        "order": (
            "O número do meu pedido é {v}, pode dar uma olhada por favor?",
            "Escrevo por causa do pedido {v}, aquele do casamento da minha irmã.",
            "A etiqueta da caixa do pedido {v} chegou rasgada.",
        ),
        "sku": (
            "Estou vendo o {v} na página e queria saber como se limpa.",
            "Minha vizinha tem o {v} e eu queria igual.",
            "Pode colocar o {v} na lista do que estou pensando em levar?",
        ),
        "money": (
            "Posso gastar no máximo {v} com o presente, já com a entrega.",
            "O banco debitou {v} da minha conta, é o valor que aparece aí?",
            "Na feira pediram {v} por uma coisa parecida.",
        ),
        "date": (
            "A festa é em {v}, então precisa chegar antes.",
            "Eu paguei em {v}, à tarde.",
            "A gente se muda para o apartamento novo em {v}.",
        ),
        "size": (
            "Para o quarto eu levaria em {v}.",
            "O que cabe na nossa varanda é {v}.",
            "Se puder escolher, então {v} para o segundo.",
        ),
        "address": (
            "Mande para {v}, por favor, o portão azul.",
            "É mais fácil falar com meu marido por {v}.",
            "A nota fiscal deve ir para {v}.",
        ),
        "preference": ("Uma coisa que vocês devem saber: {v}.", "Aliás, {v}.", "Um desejo meu: {v}."),
        "negation": ("Um recado para o entregador: {v}.", "E por favor lembrem, {v}."),
    },
}

SHOP_SAYS = {
    "en": {
        "order": ("We have it here as order {v}.", "The replacement leaves us under order {v}."),
        "sku": ("What you describe is our {v}.", "The closest thing that we have is {v}."),
        "money": ("With delivery that comes to {v}.", "We owe you {v} for the broken one."),
        "date": ("It is going to leave our house on {v}.", "The workshop sends us the next ones on {v}."),
        "size": ("That one is made in {v}.", "What is left of it is {v}."),
        "address": ("Please write to {v}.", "The parcel waits for you at {v}."),
        "preference": ("We promise: {v}.", "Agreed: {v}."),
    },
    "pt": {
        "order": ("Aqui ele está como pedido {v}.", "A troca sai daqui com o pedido {v}."),
        "sku": ("O que descreve é o nosso {v}.", "O mais parecido que temos é o {v}."),
        "money": ("Com a entrega fica em {v}.", "Devemos {v} pela peça quebrada."),
        "date": ("Vai sair da nossa casa em {v}.", "A oficina nos manda os próximos em {v}."),
        "size": ("Esse é feito em {v}.", "O que sobrou dele é {v}."),
        "address": ("Escreva para {v}, por favor.", "A caixa espera em {v}."),
        "preference": ("Prometemos: {v}.", "Combinado: {v}."),
    },
}

CUSTOMER_ASKS = {
    "en": {
        "order": ("Under which number do you find it?",),
        "sku": ("Which of your things is it that I saw at the fair?",),
        "money": ("How much is it going to be in the end?",),
        "date": ("And when does something happen?",),
        "size": ("What does that one look like, then?",),
        "address": ("Where do I turn with that?",),
        "preference": ("Can I rely on you for this?",),
    },
    "pt": {
        "order": ("Com que número ele aparece aí?",),
        "sku": ("Qual das coisas de vocês é aquela que vi na feira?",),
        "money": ("Quanto vai ficar no fim?",),
        "date": ("E quando acontece alguma coisa?",),
        "size": ("Como é esse, então?",),
        "address": ("Para onde eu me dirijo com isso?",),
        "preference": ("Posso contar com vocês nisso?",),
    },
}

SHOP_NODS = {
    "en": (
        "Thank you, we have written that down. Is there anything else that we should know about it?",
        "Understood. Tell us the rest whenever you like, we are reading along.",
        "Good to know, thank you for telling us so clearly.",
        "All right. We keep that in mind for everything that follows.",
        "Thanks! That helps us a lot to get it right the first time.",
    ),
    "pt": (
        "Obrigada, anotamos. Tem mais alguma coisa que a gente deva saber sobre isso?",
        "Entendido. Conte o resto quando quiser, estamos acompanhando.",
        "Bom saber, obrigada por explicar com tanta clareza.",
        "Certo. Vamos levar isso em conta em tudo o que vier.",
        "Valeu! Isso ajuda muito a acertar de primeira.",
    ),
}

SMALL_TALK = {
    "en": (
        ("How is the weather at your place? Here it rains all the time.", "Sunny and windy, as almost always here."),
        ("I found you through a friend, she talks about you often.", "How kind of her. Please give her our regards."),
        ("Are the things really made by hand?", "Yes, every one, by families that we have known for years."),
        ("Sorry, somebody was at the door. Where were we?", "No hurry at all. We were going through your wishes."),
        ("My cat loves to sleep in such things.", "So do ours. It is a good sign for the fabric."),
        ("It is my first time buying from you, I am curious.", "Welcome then! Ask whatever comes to your mind."),
    ),
    "pt": (
        ("Como está o tempo aí? Aqui só chove.", "Sol e vento, como quase sempre por aqui."),
        ("Cheguei até vocês por uma amiga, ela fala muito de vocês.", "Que gentil. Mande um abraço nosso para ela."),
        ("As coisas são mesmo feitas à mão?", "São, todas, por famílias que conhecemos há anos."),
        ("Desculpe, bateram na porta. Onde estávamos?", "Sem pressa. Estávamos passando pelos seus desejos."),
        ("Meu gato adora dormir nessas coisas.", "Os nossos também. É bom sinal para o tecido."),
        ("É a primeira vez que compro aí, estou curiosa.", "Bem-vinda! Pergunte o que vier à cabeça."),
    ),
}

SUBJECTS = {
    "en": {"date": "the day of delivery", "size": "the look of it", "sku": "the thing itself", "street": "the place"},
    "pt": {"date": "o dia da entrega", "size": "o jeito dele", "sku": "o produto", "street": "o lugar"},
}

UPDATES = {
    "en": {
        "first": "For {subject} I chose {old}.",
        "at once": "For {subject} I want {new}, not {old}.",
        "with both": "About {subject}: please change it from {old} to {new}.",
        "new only": "About {subject}: actually, I was wrong before, make it {new} instead.",
        "by shop": "A correction from us about {subject}: it is {new} instead of {old}.",
        "ask": "Is everything still as I said about {subject}?",
    },
    "pt": {
        "first": "Para {subject} escolhi {old}.",
        "at once": "Para {subject} quero {new}, não {old}.",
        "with both": "Sobre {subject}: por favor troque de {old} para {new}.",
        "new only": "Sobre {subject}: na verdade eu errei antes, é {new}.",
        "by shop": "Uma correção nossa sobre {subject}: é {new} em vez de {old}.",
        "ask": "Está tudo como eu disse sobre {subject}?",
    },
}

# English and Portuguese wording, then the parts that a note must have: "stem*" is a word's beginning, "+" one that is not
# denied, "!" any negation.
PREFERENCES = (
    ("I only wear natural dyes", "só uso tingimento natural", (("+natural", "+dye*"), ("+tingiment*", "natur*"))),
    ("I am allergic to wool", "tenho alergia a lã", (("+allerg*", "wool*"), ("+alerg*", "lã"))),
    ("I like to be called in the evening", "prefiro que liguem à noite", (("+evening*",), ("+noite",))),
    ("I write better by WhatsApp than by phone", "prefiro WhatsApp a telefone", (("+whatsapp",),)),
    ("I would rather have no plastic around it", "prefiro sem plástico", (("!", "plastic*"), ("!", "plástic*"), ("plastic-free",))),
    ("I always pay by Pix", "sempre pago com Pix", (("+pix",),)),
    ("I love rough fabric more than smooth", "gosto mais de tecido rústico", (("+rough",), ("+rústic*",))),
    ("I am left-handed", "sou canhota", (("+left-hand*",), ("+left hand*",), ("+canhot*",))),
    ("I collect everything with owls", "coleciono tudo com corujas", (("+owl*",), ("+coruja*",))),
    ("my mother is vegan", "minha mãe é vegana", (("+vegan*",),)),
    ("I want it to be machine washable", "quero que vá à máquina de lavar", (("+machine", "wash*"), ("+máquina", "lava*"))),
    ("I need it to smell of nothing", "preciso que não tenha cheiro", (("!", "smell*"), ("!", "odor*"), ("!", "odour*"), ("!", "scent*"), ("odor*", "free"), ("scent*", "free"), ("odourless",), ("odorless",), ("unscented",), ("!", "cheir*"), ("inodor*",))),
)  # fmt: skip

PROMISES = (
    ("we call you back before noon", "ligamos de volta antes do meio-dia", (("+noon",), ("+midday",), ("+meio-dia",))),
    ("we send you a photo before packing", "mandamos uma foto antes de embalar", (("+photo*",), ("+picture*",), ("+foto*",))),
    ("we add a handwritten card", "colocamos um cartão escrito à mão", (("+handwritten",), ("+hand-written",), ("+escrito à mão",))),
    ("Lídia looks at it herself", "a Lídia cuida pessoalmente", (("+lídia",), ("+lidia",))),
    ("we keep the box for you over the holidays", "guardamos a caixa durante as férias", (("+holiday*",), ("+férias",))),
)  # fmt: skip

NEGATIONS = (
    ("do not ring the bell", "não toque a campainha", (("!", "bell*"), ("!", "ring*"), ("!", "campainha*"))),
    ("never leave it with the doorman", "nunca deixe com o porteiro", (("!", "doorman"), ("!", "porteir*"))),
    ("I do not want the newsletter", "não quero o boletim", (("!", "newsletter*"), ("!", "boletim"))),
    ("no text messages, please", "nada de SMS, por favor", (("!", "text message*"), ("!", "sms"))),
    ("I do not need a printed invoice", "não preciso de nota impressa", (("!", "print*"), ("!", "impress*"))),
)  # fmt: skip

COLOURS = (
    ("mustard", ("mustard", "mostarda")), ("terracotta", ("terracotta", "terracota")), ("ochre", ("ochre", "ocher", "ocre")),
    ("turquoise", ("turquoise", "turquesa")), ("lilac", ("lilac", "lilás")), ("crimson", ("crimson", "carmim")),
    ("ivory", ("ivory", "marfim")), ("indigo", ("indigo", "índigo")), ("olive", ("olive", "oliva")),
    ("coral", ("coral",)), ("burgundy", ("burgundy", "bordô")), ("charcoal", ("charcoal", "grafite")),
)  # fmt: skip
PORTUGUESE_COLOURS = {name: words[-1] for name, words in COLOURS}

STREETS = (
    "Rua da Aurora", "Rua do Sol", "Avenida Boa Viagem", "Rua das Ninfas", "Rua Imperial", "Travessa do Carmo",
    "Rua da Hora", "Avenida Caxangá", "Rua do Lima", "Rua dos Palmares", "Rua Velha", "Rua da Guia",
)  # fmt: skip
NAMES = ("marina", "joaquim", "helena", "caio", "beatriz", "otto", "renata", "paulo", "sofia", "davi", "irene", "luis")
HOSTS = ("mangue.example", "carta.example", "praia.example")
LETTERS = ("RED", "CER", "CAF", "CES", "REN", "JAR", "MAD", "XIL")
MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(),
}
