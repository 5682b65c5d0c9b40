"""The words by which tables are understood, folded (no accents, lower case), in the languages of small shops' lists.

English, Portuguese, Spanish, Italian, German, French, and the commonest of Dutch, Polish and Swedish. One table a meaning.
"""

# Columns that have an amount of money. What kind of price it is, the qualifiers below say.
PRICE = frozenset(
    """price prices preco precos precio precios prezzo prezzi preis preise prix prijs cena pris pvp pvr rrp srp msrp mrp uvp
    tarif tarifa tariffa tarifas valor valore valeur listino ttc vk verkaufspreis einzelpreis stuckpreis bruttopreis nettopreis
    endpreis ladenpreis listenpreis normalpreis grundpreis angebotspreis sonderpreis aktionspreis katalogpreis unitprice
    saleprice oldprice regularprice pu pv vlr vl prc pco retail prixttc prixht""".split()
)
COST = frozenset(
    """cost costs custo custos costo costos coste costes cogs wholesale wholesaler wsp trade dealer distributor reseller
    atacado atacadista revenda revendedor revendedores distribuidor mayorista mayoreo mayoristas ingrosso rivenditore
    rivenditori grossista grosshandel grosshandelspreis grosspreis handlerpreis handler einkauf einkaufspreis ek ekpreis
    gros grossiste achat revendeur compra compras acquisto purchase purchased buying bought buy margin margem margen marge
    marg margine profit profits lucro ganancia utilidad guadagno gewinn benefice markup landed fob exw cif fornecedor proveedor fornitore
    lieferant fournisseur supplier vendor inkoop inkoopprijs zakup zakupu inkop selbstkosten prixachat floor minimum
    minimo""".split()
)
"""What a shop pays or earns: never shown to a customer, whatever else stands in the header."""
SALE = frozenset(
    """sale sales special promo promotion promotional promocao promocional promocion oferta ofertas offer offers discounted
    discount rebajado rebajas descuento desconto offerta promozionale scontato sconto promozione saldo angebot angebotspreis
    sonderpreis sonder aktion aktionspreis reduziert solde soldes promotionnel remise reduced deal aanbieding aanbiedingsprijs
    promocyjna rea final finale""".split()
)
OLD = frozenset(
    """compare old was before previous former original crossed strikethrough antes anterior anteriores antigo antiguo antigua
    vecchio precedente barrato originale originario alt alter alte statt statto bisher bisheriger ursprunglich vorher streichpreis ancien
    avant barre origine initial regular regularprice oldprice cheio normal lleno pieno regulier plein""".split()
)
"""What a price is reduced from, when another column has the price; by itself it is the price."""
LIST_PRICE = frozenset(
    "rrp srp msrp mrp uvp suggested sugerido consigliato recomendado empfohlen conseille retail".split()
)
NO_PRICE = frozenset(
    """total totals subtotal sum summe gesamt gesamtpreis totale totaux amount importe importo montant betrag shipping frete
    envio versand livraison spedizione postage freight delivery weight peso range rule ipi icms tax taxes vat iva mwst tva
    imposto deposit pfand currency moeda moneda valuta wahrung devise adjustment impact
    impacto surcharge fee fees taxa taxas type tipo count quantity rating nutritional energetico""".split()
)
"""Words that make a column of money something else than the price of an article."""
WITHOUT_TAX = frozenset(
    "ht net netto nettopreis excl ex exkl excluding excluded without sem sin senza ohne hors".split()
)
WITH_TAX = frozenset(
    "ttc gross brutto bruttopreis incl inc inkl including included inclusive com con mit avec ivato ivati".split()
)
OLD_ALONE = frozenset("de antes was before statt avant prima".split())
NOW_ALONE = frozenset("por now agora ahora jetzt ora adesso maintenant".split())
"""Whole headers of prices: "De" beside "Por", "Was" beside "Now"."""
SALES_PRICE = frozenset("venda venta vent vendita verkauf varejo detal".split())
"""Words that are the price by themselves, beside a column that is called cost."""
OF_TAX = WITH_TAX | WITHOUT_TAX | frozenset("iva vat mwst tva tax".split())
PRICE_OF_PROGRAMS = frozenset(("price amount", "price value", "amount price", "offers price"))
SOLD_AT = frozenset(
    "pvp pvr retail varejo venda venta vendita verkauf verkaufspreis vk vente selling our uvp ladenpreis detal publico".split()
)
"""Words of the price that the public pays, where a list has several."""
BESIDE = frozenset(
    """valor valore valeur vlr vl tarifa tarifas tariffa unit unitario unitaria unitaire einzelpreis stuckpreis kg kilo gr litro liter litre l 100g 100ml per por pro min max minimum
    from grund grundpreis old 2 3 4 5""".split()
)
"""Words of a second-best price: per unit of measure, a range, further numbered ones."""
NOT_OF_ARTICLES = frozenset(
    """seo meta google facebook customer contact company file user supplier fornecedor proveedor lieferant fornitore
    fournisseur listing anuncio cliente kunde client shop store loja tienda tag tags alt keyword keywords tax ncm related vendor
    attribute created updated date shipping dept department region regiao zone zona city
    cidade ciudad country pais state bairro cep plan plano""".split()
)
"""Words of headers that are about something else than the article itself."""

# Columns of one meaning each: headers as a whole, best first.
FIELDS: dict[str, tuple[str, ...]] = {
    "sku": (
        "sku", "sku code", "product sku", "item sku", "variant sku", "seller sku", "custom label", "vendor code", "vendorcode", "article number", "article no", "item number",
        "item no", "item code", "item id", "item ref", "product code", "product number", "product no", "product id", "part number",
        "part no", "stock code", "style number", "style no", "style code", "style", "model number", "model no", "model code",
        "catalog number", "catalogue number", "cat no", "code", "reference", "ref", "ref no", "codigo", "cod", "codigo do produto",
        "codigo produto", "cod produto", "codigo sku", "codigo interno", "referencia", "referencia interna", "codigo del producto",
        "codigo de producto", "codigo producto", "codigo articulo", "cod articulo", "clave", "articulo no", "codice", "codice articolo", "cod articolo",
        "codice prodotto", "riferimento", "rif", "artikelnummer", "artikel nr", "art nr", "artikelnr", "artnr", "art no", "art",
        "bestellnummer", "bestellnr", "best nr", "produktnummer", "produktcode", "nummer", "nr", "code article", "code produit",
        "ref article", "reference produit", "reference article", "artikelcode", "kod", "indeks", "kod produktu", "id produto", "id producto",
        "id prodotto", "id", "product", "ean", "ean13", "ean code", "gtin", "gtin13", "upc", "upc code", "barcode", "bar code", "isbn", "isbn13",
        "codigo de barras", "codigo barras", "cod barras", "codice a barre", "strichcode", "code barres", "code barre", "mpn", "asin", "no", "num", "numero", "n",
    ),
    "name": (
        "name", "product name", "product title", "item name", "article name", "title", "product", "products", "item title", "short name",
        "nome", "nome do produto", "nome produto", "nome do item", "produto", "produtos", "titulo", "titulo do produto", "nombre",
        "nombre del producto", "nombre producto", "nombre de producto", "nombre del articulo", "producto", "productos", "nome prodotto", "nome del prodotto",
        "nome articolo", "prodotto", "prodotti", "titolo", "artikelname", "artikelbezeichnung", "produktname", "produktbezeichnung",
        "produkt", "produkte", "bezeichnung", "titel", "nom", "nom du produit", "nom produit", "nom de l article", "intitule", "libelle",
        "libelle produit", "produit", "produits", "designation", "titre", "productnaam", "naam", "omschrijving", "nazwa", "nazwa produktu", "produktnamn", "namn", "benamning",
        "item", "items", "item description", "product description", "article", "articles", "articulo", "articulos", "articolo", "articoli",
        "artikel", "artikelbeschreibung", "descricao do produto", "descricao produto", "descricao do item", "descripcion del producto", "descripcion del articulo", "descrizione articolo",
        "descrizione prodotto", "model", "modelo", "modello", "modell", "modele", "book title", "menu item", "dish", "prato", "plato", "piatto", "gericht", "plat", "wine", "vinho", "vino", "wein", "vin",
        "book", "livro", "libro", "buch", "livre", "variety", "variedade", "variedad", "sorte", "flavour", "flavor", "sabor", "treatment", "service", "servico", "servicio", "servizio",
        "descricao", "descripcion", "descrizione", "beschreibung", "description", "details", "item details",
    ),
    "text": (
        "description", "descricao", "descripcion", "descrizione", "beschreibung", "long description", "full description",
        "product description", "item description", "body", "body html", "descricao do produto", "descricao completa", "descricao longa", "descripcion del producto", "descripcion larga",
        "descrizione prodotto", "descrizione lunga", "produktbeschreibung", "artikelbeschreibung", "langbeschreibung", "langtext", "description du produit",
        "description longue", "omschrijving", "beschrijving", "opis", "beskrivning", "details", "product details", "detalhes", "detalles", "dettagli", "about", "about product", "features", "short description", "descricao curta", "descripcion corta",
        "descrizione breve", "kurzbeschreibung", "description courte", "summary", "resumo", "resumen", "resume", "notes", "remarks",
        "observacao", "observacoes", "obs", "observaciones", "note", "bemerkung", "bemerkungen", "hinweis", "hinweise", "remarques", "ingredients", "ingredientes", "ingredienti",
        "zutaten", "caracteristicas", "especificacoes", "specifications", "specs", "tasting notes",
    ),
    "category": (
        "category", "categories", "product category", "category name", "item category", "main category", "product type", "type", "department", "group", "product group", "family", "collection",
        "section", "sezione", "seccion", "genre", "categoria", "categorias", "categoria do produto", "departamento", "secao", "grupo", "familia", "tipo", "linha", "colecao", "rubro", "categoria prodotto",
        "categorie", "reparto", "gruppo", "famiglia", "linea", "kategorie", "kategorien", "warengruppe", "produktgruppe", "artikelgruppe", "gruppe", "produktkategorie", "abteilung",
        "rubrik", "sortiment", "categorie produit", "famille", "rayon", "gamme", "rubrique", "kategoria", "kategori", "sub category", "subcategory", "subcategoria", "master category",
    ),
    "brand": (
        "brand", "brand name", "manufacturer", "maker", "vendor", "producer", "marca", "fabricante", "marca do produto", "produttore", "marke", "hersteller", "marque", "fabricant",
        "fabrikant", "merk", "producent", "marka", "author", "authors", "autor", "autore", "auteur", "artist", "artista", "publisher", "winery", "vinicola", "bodega", "cantina", "weingut", "domaine", "editora", "editorial",
    ),
    "stock": (
        "stock", "in stock", "stock quantity", "stock qty", "qty in stock", "quantity in stock", "stock on hand", "on hand", "qty on hand", "quantity on hand", "stock level", "stock count",
        "inventory", "inventory quantity", "inventory qty", "available quantity", "qty available", "quantity available", "available stock", "units in stock", "units available", "soh", "estoque", "estoque atual",
        "quantidade em estoque", "qtd em estoque", "qtd estoque", "qtde estoque", "quantidade estoque", "quantidade disponivel", "qtd disponivel", "saldo", "saldo em estoque",
        "saldo estoque", "estoque disponivel", "existencia", "existencias", "stock actual", "stock disponible", "inventario", "cantidad en stock", "cantidad disponible", "unidades disponibles", "giacenza",
        "giacenze", "disponibilita", "quantita disponibile", "quantita in stock", "scorte", "magazzino", "esistenza", "bestand", "lagerbestand", "lager", "lagermenge", "verfugbarer bestand", "verfugbare menge", "vorrat", "en stock", "quantite en stock", "qte stock", "qte en stock", "stocks", "stock dispo", "quantite disponible",
        "voorraad", "stan magazynowy", "lagersaldo", "available", "availability", "stock status", "stock availability", "is in stock", "availability status", "disponivel", "disponibilidade", "em estoque",
        "disponible", "disponibilidad", "disponibile", "verfugbar", "verfugbarkeit", "lieferbar", "disponibilite", "dispo", "qty avail", "avail qty", "avail", "dostepnosc", "beschikbaarheid", "sold out", "out of stock", "esgotado", "agotado", "esaurito", "ausverkauft", "epuise",
    ),
    "quantity": (
        "quantity", "product quantity", "current quantity", "qty", "quantidade", "qtd", "qtde", "quant", "cantidad", "cant", "quantita", "qta", "menge", "anzahl", "stuckzahl", "quantite", "qte", "aantal", "ilosc", "antal",
    ),
    "on sale": ("on sale", "is on sale", "em promocao", "em oferta", "en oferta", "en promocion", "in offerta", "im angebot", "en promo", "en solde"),
    "sale begins": (
        "sale begins", "sale starts", "sale start", "sale start date", "sale price start date", "promo start", "inicio da promocao", "inicio promocao", "data inicio promocao", "inicio de la oferta",
        "data inizio promo", "inizio promo", "inizio offerta", "angebot von", "aktion von", "debut promo", "date debut promo",
    ),
    "sale ends": (
        "sale ends", "sale end", "sale end date", "sale price end date", "promo end", "fim da promocao", "fim promocao", "data fim promocao", "fin de la oferta",
        "data fine promo", "fine promo", "fine offerta", "angebot bis", "aktion bis", "fin promo", "date fin promo",
    ),
    "currency": ("currency", "currency code", "price currency", "moeda", "moneda", "divisa", "valuta", "wahrung", "devise", "currencycode", "currencyid", "currency id"),
    "url": (
        "url", "link", "product url", "product link", "item url", "permalink", "page url", "web", "website", "link do produto", "url do produto", "enlace", "url del producto", "url prodotto", "lien", "url produit", "product page",
    ),
    "image": (
        "image", "images", "image url", "image link", "image src", "image urls", "product image", "product image url", "main image", "picture", "picture url", "photo", "photo url", "photos", "img", "img url", "thumbnail", "imagem", "imagens",
        "url imagem", "url da imagem", "link da imagem", "link imagem", "foto", "fotos", "imagen", "imagenes", "url imagen", "immagine", "immagini", "url immagine", "bild", "bilder", "bild url", "bildlink", "image principale",
    ),
    "published": (
        "published", "active", "is active", "product is available", "product is enabled", "enabled", "is enabled", "visible", "is visible", "online", "show", "ativo", "publicado", "visivel", "habilitado", "exibir", "ativa", "activo", "activa", "attivo", "pubblicato", "visibile", "abilitato",
        "mostrar", "exibir na loja", "mostrar en tienda", "aktiv", "veroffentlicht", "sichtbar", "freigegeben", "actif", "active", "publie", "visible en ligne",
    ),
    "hidden": ("hidden", "is hidden", "draft", "is draft", "archived", "is archived", "deleted", "is deleted", "discontinued", "is discontinued", "oculto", "arquivado", "nascosto", "versteckt", "masque", "inativo", "inactive", "disabled"),
    "status": ("status", "product status", "state", "situacao", "situacao do produto", "estado", "stato", "statut", "publication status", "visibility", "item visibility", "product visibility", "online visibility", "square online item visibility", "visibilidade", "visibilidad", "visibilita", "sichtbarkeit", "visibilite"),
    "parent": ("item group id", "parent sku", "parent", "parent id", "group id", "sku pai", "codigo pai", "produto pai", "id pai", "handle", "sku padre", "parent code", "hauptartikel", "model id"),
}  # fmt: skip

CONNECTING = frozenset("de da do das dos del della dello di du des la le of the d l".split())
"""Small words that do not count where a header has more words than a known one."""
ABOUT_STOCK = frozenset(
    """managed manage track tracking gerenciado gerenciar controlar controle low alert minimum minimo maximum maximo min max reserved
    reservado new policy tracker threshold id""".split()
)
"""Words of columns that say how a stock is kept, not what there is."""
STOCK_AT = "current quantity "
"""How a till's export begins the headers of its stocks; the place's name follows."""
SHOWN = frozenset(
    """active visible published ativo ativa visivel publicado publicada activo activa attivo attiva visibile pubblicato aktiv
    sichtbar veroffentlicht actif publie show exibir mostrar""".split()
)
OF_SHOWN = frozenset(
    "product produto producto prodotto produkt produit item artikel sku is esta ist est e on in na no en site store loja tienda shop web".split()
)
"""Words beside one of SHOWN in a header that asks whether an article is shown."""
PRODUCT_IDS = frozenset(
    ("id", "product id", "id produto", "id producto", "id prodotto", "codigo do produto", "codigo produto")
)
"""Numbers that all variants of a product share in some lists."""
ROW_KINDS = frozenset(
    """simple variable variation variant product produto producto normal com variacao sem variacoes variacion physical digital fisico
    servico service kit goods good sku rule image p s v c n f e""".split()
) | frozenset(("com variacao", "sem variacao", "physical good", "com variacoes", "produto simples", "simples"))
"""What programs call their kinds of rows."""
GRID = "grade"
"""How a Brazilian system begins the headers of its options."""
OF_SERVICE = frozenset(
    """envio envios frete entrega entregas versand lieferung livraison spedizione consegna shipping delivery postage pagamento payment
    pago paiement zahlung warranty garantia garanzia garantie""".split()
)
"""Words of headers that are about how goods and money travel, and what is promised: "Tipo de envio" is no category of articles."""
OF_RULES = OF_SERVICE | frozenset(
    """destino destination destinazione ziel prazo faixa distancia distance entfernung km dia day tag giorno jour horario hour hours
    parcelas installments modalidade metodo method transportadora carrier tempo time
    periodo period mes month idade age local lugar luogo ort lieu place area uf municipio comune quantidade quantity peso weight gewicht poids""".split()
)
"""First headers of tables that have fees or rules, not articles."""

OPTIONS = frozenset(
    """color colour colors colours cor cores colore colori farbe farben couleur couleurs kleur size sizes tamanho tamanhos talla
    tallas tamano talle talles taglia taglie misura misure grosse grossen taille tailles maat material materials materiais materiale
    materiali matiere finish acabamento acabado flavour flavor sabor gusto geschmack gout scent fragrance aroma fragancia duft
    parfum variant variants variante varianten variacao variacion variation variations opcao opcoes option options opcion opciones
    opzione opzioni ausfuhrung volume capacity capacidade capacidad format formato""".split()
)
"""What an article comes in; a column of it is an option of the product."""

NAME_OF_OPTION = frozenset("name nome nombre nom title titulo".split())
VALUE_OF_OPTION = frozenset("value values valor valores valore valori wert werte valeur valeurs".split())
UNNAMED_OPTIONS = frozenset(
    """option options variant variants variation variations opcao opcoes variacao variacoes opcion opciones variacion variaciones
    opzione opzioni variante varianti varianten optionen ausfuhrung attribute attributes atributo attributo attribut
    propiedad propriedade""".split()
)
"""Headers that do not say what is chosen."""
NO_CHOICE = frozenset(("regular", "default", "default title", "unico", "unica"))
"""What stands in the column of options where there is nothing to choose."""
DISTINGUISHING = frozenset(
    """color colour cor colore farbe couleur kleur size tamanho talla tamano talle taglia misura grosse taille maat variant
    variante variacao variacion variation option opcao opcion flavour flavor sabor gusto geschmack gout scent fragrance aroma
    volume capacity capacidade capacidad""".split()
)
"""Options that rows of one product differ in."""

YES = frozenset("1 yes y true t x sim s si oui ja wahr vrai vero verdadero verdadeiro ok on v ✓ ✔ tak".split())
NO = frozenset("0 no n false f nao non nein falsch faux falso off nie".split())
IN_STOCK = YES | frozenset(
    """available instock in_stock disponivel disponible disponibile verfugbar lieferbar vorratig
    dispo preorder pre_order backorder backordered onbackorder limited_availability limitedavailability onlineonly instoreonly
    auflager unlimited ilimitado illimitato unbegrenzt illimite imediata imediato inmediata immediata""".split()
) | frozenset(
    (
        "in stock", "in store", "em estoque", "pronta entrega", "en stock", "en existencia", "in magazzino", "auf lager", "sofort lieferbar", "in stock now", "pre order", "pre-order", "available now",
        "low stock", "limited stock", "sob encomenda", "por encargo", "su ordinazione", "auf bestellung", "sur commande", "made to order", "available for order", "op voorraad", "limited availability", "ready to ship", "many", "plenty", "last units", "ultimas unidades",
    )
)  # fmt: skip
SOLD_OUT = NO | frozenset(
    """unavailable outofstock out_of_stock soldout sold_out esgotado indisponivel agotado esaurito ausverkauft vergriffen epuise rupture indisponible
    discontinued unlieferbar none nil terminado sold vendido venduto verkauft vendu""".split()
) | frozenset(
    (
        "out of stock", "sold out", "not available", "sem estoque", "fora de estoque", "em falta", "sin stock", "sin existencias", "no disponible", "non disponibile", "non disponible", "nicht verfugbar", "nicht lieferbar", "nicht auf lager",
        "en rupture", "rupture de stock", "hors stock", "temporarily unavailable", "temporarily out of stock", "uitverkocht", "niet op voorraad",
    )
)  # fmt: skip

DRAFTS = frozenset(
    "draft rascunho borrador bozza entwurf brouillon pending unlisted unpublished concept inactive inativo inactivo inattivo inaktiv inactif disabled desativado off removed expired paused pausado pausada".split()
)
HIDDEN_WORDS = frozenset(
    "hidden oculto nascosto versteckt masque private privado none nowhere invisible invisivel exclude".split()
)
NOT_SHOWN = frozenset(("not visible", "not visible individually", "nao visivel", "no visible"))
ARCHIVED_WORDS = frozenset(
    "archived arquivado archivado archiviato archiviert archive discontinued descontinuado discontinuado deleted excluido trash".split()
)

TOTALS = frozenset("total totals totale gesamt summe subtotal grand somme sum totaux suma".split())
ORDER_FORM = (
    "order form", "order sheet", "purchase order", "formulario de pedido", "formulario de pedidos", "ficha de pedido", "folha de pedido", "pedido de compra", "hoja de pedido", "nota de pedido", "modulo d ordine", "modulo ordine",
    "bestellformular", "bestellschein", "bestellliste", "bon de commande", "bestelformulier",
)  # fmt: skip
ON_REQUEST = (
    "request",
    "ask",
    "variable",
    "variavel",
    "gratis",
    "free",
    "consulta",
    "consultar",
    "combinar",
    "anfrage",
    "demande",
    "richiesta",
    "poa",
    "tba",
    "tbd",
    "market price",
)
SIZES = frozenset(
    """xs s m l xl xxl p g gg pp small medium large regular pequeno pequena medio media mediano mediana grande piccolo piccola
    klein kleine mittel gross grosse petit petite moyen moyenne grand glass bottle taca garrafa copo copa botella bicchiere calice
    bottiglia glas flasche verre bouteille jarra jug carafe pint half full meia inteira single double""".split()
)
"""Headers of columns of prices that are sizes: "Glass" beside "Bottle", "P" beside "M"."""

INTERNAL = frozenset(
    """id ids asin1 asin2 asin3 watchers token sellable stockable alert changeable editable activate map fee fees channel canal points sync internal interno interna intern interne total totals subtotal base impuesto imposto vendidas vendidos vendas ventas warehouse location bin shelf reorder minimum minimo maximum commission comissao comision provvigione
    cfop cst csosn ncm cest icms ipi pis cofins tax hs hts tariff sort position order login password notes note obs observacao observacoes
    uuid guid timestamp iva vat tva mwst codice cat scat categoryid date data fecha datum time views sales sold rating reviews review ratings last modified userid email phone""".split()
)
"""Words of columns that no customer is shown."""
