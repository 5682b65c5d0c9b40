"""A large catalogue for trying things out: `uv run just demo-catalogue 5000 DIRECTORY`. The same number gives the same products.

    python -m shop.demonstration 5000 prompts/store --language pt

It writes one file, demo-products.csv, and never over a file that is there.
"""

import argparse
import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from shop.search.folding import fold

FILE = "demo-products.csv"
COLUMNS = ("sku", "name", "category", "brand", "price", "old price", "stock", "colours", "sizes", "description")

_KINDS = """
Garden | Jardim | 15 | 320 | - : wheelbarrow | carrinho de mão; trellis | treliça; rain barrel | barril de chuva; garden bench | banco de jardim; hedge trimmer | podador de cerca; compost bin | composteira
Kitchen | Cozinha | 12 | 480 | litres : stockpot | caldeirão; casserole dish | caçarola; salad spinner | centrífuga de salada; pressure cooker | panela de pressão; teapot | bule; measuring jug | jarra medidora
Textiles | Têxteis | 25 | 390 | beds : quilt | colcha; mattress cover | capa de colchão; bedspread | cobre-leito; pillowcase | fronha; blanket | cobertor
Clothing | Vestuário | 39 | 420 | wear : cardigan | cardigã; raincoat | capa de chuva; pyjamas | pijama; waistcoat | colete; skirt | saia; polo shirt | camisa polo
Footwear | Calçados | 59 | 560 | shoes : clogs | tamanco; hiking boots | bota de trilha; slippers | pantufa; loafers | mocassim
Tools | Ferramentas | 9 | 690 | - : spirit level | nível de bolha; cordless drill | furadeira sem fio; hand saw | serrote; toolbox | caixa de ferramentas; sanding block | taco de lixa
Toys | Brinquedos | 14 | 240 | - : spinning top | pião; marble run | pista de bolinhas; hand puppet | fantoche; skipping rope | corda de pular; wooden train | trem de madeira
Office | Escritório | 6 | 310 | - : stapler | grampeador; desk organiser | organizador de mesa; ring binder | fichário; hole punch | furador; letter tray | bandeja de papéis
Bathroom | Banheiro | 11 | 260 | - : shower caddy | prateleira de box; bath mat | tapete de banheiro; soap dish | saboneteira; toothbrush holder | porta-escovas
Outdoors | Ar livre | 22 | 880 | - : picnic basket | cesta de piquenique; camping stove | fogareiro; head torch | lanterna de cabeça; folding chair | cadeira dobrável; cool box | caixa térmica
"""
"""Category in English and Portuguese, lowest and highest price, sizes : things."""
_SIZES = {
    "-": (), "litres": ("1 L", "2 L", "3 L", "5 L"), "wear": ("XS", "S", "M", "L", "XL"), "shoes": tuple(map(str, range(35, 46))),
    "beds": ("90 cm", "140 cm", "160 cm", "180 cm"),
}  # fmt: skip
_COLOURS = ("blue|azul", "green|verde", "red|vermelho", "black|preto", "white|branco", "grey|cinza", "yellow|amarelo", "brown|marrom", "beige|bege", "navy|azul-marinho")  # fmt: skip
_MAKERS = (
    "Arvoredo",
    "Bem-te-vi",
    "Cerrado",
    "Dois Irmãos",
    "Estrada Real",
    "Farol",
    "Gávea",
    "Horizonte",
    "Itapuã",
    "Jacarandá",
)
_LINES = ("Aroeira", "Brejo", "Canoa", "Dendê", "Espinhaço", "Fagulha", "Graúna", "Hibisco", "Imbuia", "Jurema", "Lapa", "Manacá", "Nascente", "Oiti", "Paineira", "Quero-quero", "Riacho", "Sabiá", "Taboa", "Urucum")  # fmt: skip


def products(count: int, language: str = "en") -> Iterator[dict[str, str]]:
    """Yield so many products as rows of COLUMNS; `language` is "en" or "pt"."""
    chance = random.Random(count)
    kinds = list(_kinds())
    side = 0 if language == "en" else 1
    for number in range(1, count + 1):
        category, lowest, highest, sizes, thing = chance.choice(kinds)
        maker, line = chance.choice(_MAKERS), chance.choice(_LINES)
        cents = round(100 * (lowest + (highest - lowest) * chance.random() ** 2)) // 10 * 10
        is_reduced = chance.random() < 0.1
        colours = chance.sample(_COLOURS, chance.randint(1, 4))
        chosen = chance.sample(_SIZES[sizes], chance.randint(1, len(_SIZES[sizes]))) if _SIZES[sizes] else []
        name = thing.split("|")[side].strip()
        yield {
            "sku": f"{fold(maker)[:2].upper()}{category.split('|')[0].strip()[:2].upper()}-{number:05d}",
            "name": f"{name[:1].upper()}{name[1:]} {line}",
            "category": category.split("|")[side].strip(),
            "brand": maker,
            "price": f"{cents / 100:.2f}",
            "old price": f"{cents * 1.25 / 100:.2f}" if is_reduced else "",
            "stock": str(0 if chance.random() < 0.12 else chance.randint(1, 90)),
            "colours": "; ".join(colour.split("|")[side] for colour in colours),
            "sizes": "; ".join(sorted(chosen, key=_SIZES[sizes].index)),
            "description": f"Of the {line} line by {maker}." if side == 0 else f"Da linha {line}, da {maker}.",
        }


def _kinds() -> Iterator[tuple[str, float, float, str, str]]:
    for line in _KINDS.strip().split("\n"):
        head, _, things = line.partition(" : ")
        english, portuguese, lowest, highest, sizes = (part.strip() for part in head.split(" | "))
        for thing in things.split(";"):
            yield f"{english}|{portuguese}", float(lowest), float(highest), sizes, thing


def write(count: int, folder: Path, language: str = "en") -> Path:
    """Write the file into a folder. FileExistsError where it has one of this name, which is left as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(products(count, language))
    return path


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="demo-catalogue", description="Write a large catalogue for trying things out."
    )
    parser.add_argument("count", type=int, choices=range(1, 1_000_001), metavar="COUNT", help="number of products")
    parser.add_argument("folder", type=Path, help="directory to write demo-products.csv into, such as prompts/store")
    parser.add_argument("--language", choices=("en", "pt"), default="en")
    chosen = parser.parse_args(arguments)
    try:
        print(f"Wrote {chosen.count:,} products to {write(chosen.count, chosen.folder, chosen.language)}.")
    except FileExistsError as error:
        print(
            f"storekeeper: {error.filename} exists and was left as it is; move it away or name another directory.",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
