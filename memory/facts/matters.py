"""What matters to a shop and what people talk of besides, in English and Portuguese, as data in the form of `cues`.

Parcels are brought to a place at a time, goods are made of something and fit or do not. Weather, music, sleep and praise
matter to none: a clause about them states a fact only where it has a value, or one of the firm words of `cues`.
"""

import re

GOODS = """
bag, bags, basket~, blanket~, bedspread~, throw, throws, bed, chair~, armchair~, table~, lamp~, hammock~, pillow~, cushion~, curtain~, towel~,
sheet, sheets, rug, rugs, mat, mats, carpet~, shirt~, dress, dresses, skirt~, trousers, jacket~, coat, coats, sweater~, jumper~, hat, hats, scarf, scarves,
sock~, shoe, shoes, sandal~, boot, boots, mug, mugs, cup, cups, plate, plates, bowl~, pan, pans, glass, glasses, jar, jars, knife, knives, toy, toys, doll~,
soap~, candle~, hamper~, perfume~, necklace~, earring~, bracelet~, backpack~, purse~, wallet~, belt~, frame, frames, vase~, shelf, shelves, lid, lids, cover, covers,
charger~, cable~, battery, batteries, sample~, catalogue~, leaflet~,
bolsa~, cesto~, cesta~, cobertor~, manta~, colcha~, cama, camas, cadeira~, poltrona~, mesa, mesas, luminaria~, abajur~, rede, redes, travesseiro~, fronha~,
almofada~, cortina~, toalha~, lencol, lencois, tapete~, camisa~, camiseta~, vestido~, saia, saias, calca, calcas, jaqueta~, casaco~, blusa~, chapeu~, lenco~,
cachecol, meia, meias, sapato~, sandalia~, bota, botas, caneca~, xicara~, prato, pratos, tigela~, panela~, copo, copos, pote, potes, faca, facas, brinquedo~,
boneca~, sabonete~, vela, velas, colar, colares, brinco~, pulseira~, mochila~, carteira~, cinto~, moldura~, vaso, vasos, prateleira~, tampa~, capa, capas,
carregador~, bateria~, pilha, pilhas, amostra~, catalogo~, folheto~
"""
"""Things that shops sell or send."""
MAKES = """
cotton, linen, wool, woollen, silk, leather, suede, canvas, denim, velvet, felt, polyester, nylon, wooden, wood, oak, bamboo, metal, steel, iron, brass, ceramic~,
porcelain, plastic, rubber, cork, straw, paper, cardboard, handmade, handle~, strap~, zip, zips, zipper~, button~, pocket~, lining, fringe~, tassel~, hem, hems, sleeve~,
collar~, label~, logo, logos, hood~, filling, stitch~, seam~, hook~, bead, beads, soft, softer, firm, firmer, thick~, thin, thinner, heavy, heavier, waterproof, stretch~,
striped, stripes, plain, pattern~, print, prints, floral, checked, matte, shiny, scented, unscented, scent, fragrance, washed, tone, tones, shade, shades, bright, pastel, dark, paler,
hardcover, paperback, cordless, wireless, foldable, folded, certified, organic, fair trade, second-hand, used,
algodao, linho, la, seda, couro, camurca, lona, veludo, feltro, madeira, bambu, aco, ferro, latao, ceramica, porcelana, plastico, borracha, cortica, palha,
papel, papelao, artesanal, feito a mao, feita a mao, feitos a mao, feitas a mao, alca, alcas, cabo, cabos, ziper~, botao, botoes, bolso, bolsos, forro da, forro de, forrad~,
franja~, bainha~, manga, mangas, gola~, etiqueta~, capuz, enchimento~, costura~, gancho~, macio~, macia~, firme, firmes, gross~, fino, finos, fina, finas,
pesad~, leve, leves, impermeavel, impermeaveis, listrad~, listras, lisa, lisas, liso, lisos, estampa~, estampad~, xadrez, fosc~, brilho, brilhante~, perfumad~, cheiro forte,
tom, tons, clarinh~, claro, clara, claros, claras, escur~, vivas, terros~, neutr~, capa dura, sem fio, dobravel, dobrad~, certificad~, antialergic~, antimofo
"""
"""What goods are made of, their parts, and how they look and feel."""
PARCELS = """
parcel~, box, boxes, package~, packing, packed, packag~, envelope~, wrap, wrapped, wrapping, gift-wrap~, courier, postman, carrier, shipment~, shipping, arrive~, home, upstairs, stairs, lift,
elevator, doorman, porch, garage, garden gate, pavement, intercom, ground floor, weekdays, mornings, afternoons, evenings, after work, before work, cash, instalment~, installment~, receipt~,
pacote~, encomenda~, caixa, caixas, embal~, embrulh~, correio~, carteiro, transportadora, entregador~, chega, chegar, chegou, escada~, elevador~, interfone~, garagem, calcada,
recado, mensagem, whatsapp, a vista, dinheiro, recibo~, dias uteis, antes do trabalho, depois do trabalho, fora do horario, mala, malas
"""
"""How things reach a customer, and how they are paid."""
FOOD = """
pork, beef, meat, fish, seafood, shellfish, shrimp, milk, dairy, cheese, butter, egg, eggs, nut, nuts, peanut~, almond~, walnut~, soy, wheat, flour, sugar, salt, honey,
chocolate~, cinnamon, garlic, onion~, alcohol, decaf~, spicy, sweets, candy,
porco, boi, carne, carnes, peixe~, frutos do mar, camarao, leite, laticinio~, queijo~, manteiga, ovo, ovos, castanha~, amendoim, amendoa~, nozes, soja, trigo, farinha,
acucar, mel, canela, alho, cebola~, alcool, descafeinad~, apimentad~, doces, bombom, bombons
"""
"""What some people do not eat."""

LEISURE = re.compile(
    r"\b(?:gosto|gostamos|adoro|adoramos|amo|curto)(?: muito| mais| tanto)?(?: de)? (?!usar|vestir|comprar|receber|dar|pagar|ter)\w{1,14}(?:ar|er|ir)\b"
    r"|\b(?:like|love|enjoy)(?: to (?!wear|use|buy|have|get|give|pay)\w+| (?!wearing|using|buying|having|getting|giving|paying)\w{2,14}ing)\b"
)
"""What people like to do: none of it is for sale."""
TALK = """
weather, rain, rains, raining, rainy, sun, sunny, sunshine, sunset, sunrise, wind, windy, snow, snowing, heat, so hot, too hot, so cold, too cold, spring, summer, autumn, winter,
nice day, lovely day, beautiful day, days like, what a, week, lately, time goes, time flies, long day, life,
samba, jazz, music, song, songs, sing~, radio, dance, dancing, guitar, concert, football, soccer, game, match, team, film, films, movie~, novel, reading, to read,
sea, beach, swim~, walk~, the water, cooking, to cook, sleep~, woke, wake up, coffee, dog, birds,
tired, happy, nervous, sad, lonely, bored, relief, hope, wonder, imagine, feel like, cry, laugh~, dream~, joking, agree, disagree, disappoint~, worry, believe,
kind of you, too kind, your work, about you, you are so, you are too, you are a, you never, love it, love that, love this, so pretty, so nice, so beautiful, so lovely, must say,
talking, writing to you, write to you, i see what, no idea, no way, had no, what to do, i know, i don t know, i don t understand, never was, nobody, people say, i ve never been,
chuva, chove, chovendo, choveu, garoa, sol, vento, ventando, calor, que frio, muito frio, clima, primavera, verao, outono, inverno, que dia, dia lindo, dia bonito, epoca do ano,
faz tempo, semana, a vida, ultimamente,
forro, pagode, musica, musicas, canta~, cancao, danca~, violao, sanfona, tocava, futebol, jogo, meu time, filme~, novela~, romance~, ler, leitura,
mar, praia, nadar, caminhar, caminhada, passear, passeio, viajar, ferias, cozinhar, feijoada, churrasco, dormir, dormia, durmo, sono, acordei, acordar, acordo cedo, cafezinho, cachorro, passarinho~,
cansad~, feliz, felizes, contente, triste, nervos~, saudade~, alivio, tomara, sera que, imagin~, fico pensando, chorar, rindo, rir, sonho, sonhar, brincadeira, concordo, acreditar,
amores, gente boa, uns amores, tao bom, que bom, que coisa, que lindo, que linda, que delicia, nunca vi, sempre achei, nao entendo nada, nao sei o que,
nem acredito, nao aguento, nao da para acreditar, vai adorar, pessoa maravilhosa, acontece, desculpa, desculpe
"""
"""Weather, music, leisure, moods and praise."""
