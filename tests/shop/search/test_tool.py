import pytest

from shop.search import tool
from shop.search.tool import BadArguments, Search
from tests.support.snapshots import snapshot_of


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    store = tmp_path_factory.mktemp("shop") / "prompts" / "store"
    store.mkdir(parents=True)
    rows = ["sku,name,price,stock"]
    rows += [f"MUG-{n},{colour} mug,{n}0.00,{n % 2}" for n, colour in enumerate(["Red", "Blue", "Green", "Black"], 1)]
    (store / "products.csv").write_text("\n".join([*rows, "RUG-1,Red rug,90.00,2"]))
    return snapshot_of(store.parent).index


@pytest.mark.parametrize(
    ("arguments", "search"),
    [
        ('{"words": " blue  mug "}', Search("blue mug")),
        ('{"words": "mug", "lowest": 5, "highest": "20.5"}', Search("mug", 5.0, 20.5)),
        ('{"words": "mug", "order": "price_asc", "in_stock": true}', Search("mug", order="price_asc", in_stock=True)),
        ('{"words": "mug", "in_stock": "true", "order": null, "more": [1]}', Search("mug", in_stock=True)),
        ('{"words": "mug", "in_stock": false, "order": "", "lowest": null}', Search("mug")),
        ('{"order": "price_desc"}', Search(order="price_desc")),
    ],
)
def test_arguments_are_read_as_models_write_them(arguments, search):
    assert tool.read(arguments) == search


@pytest.mark.parametrize(
    "arguments",
    ["", "{", "[]", "null", "{}", '{"words": ""}', '{"words": ["mug"]}', '{"words": "mug", "lowest": "cheap"}',
     '{"words": "mug", "highest": -1}', '{"words": "mug", "highest": true}', '{"words": "mug", "highest": NaN}',
     '{"words": "mug", "order": "best"}', '{"words": "mug", "lowest": [1]}', "[" * 100_000],
)  # fmt: skip
def test_bad_arguments_are_told_to_the_model(arguments):
    with pytest.raises(BadArguments) as raised:
        tool.read(arguments)
    assert str(raised.value).endswith(".")


def test_long_words_are_cut():
    assert len(tool.read('{"words": "%s"}' % ("mug " * 1000)).words) <= 300


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search("blue mug"), ["MUG-2"]),
        (Search("mug", lowest=20, highest=30), ["MUG-2", "MUG-3"]),
        (Search("mug", order="price_desc"), ["MUG-4", "MUG-3", "MUG-2", "MUG-1"]),
        (Search("mug", order="price_asc", in_stock=True), ["MUG-1", "MUG-3"]),
        (Search("mug 3"), ["MUG-3"]),
        (Search("mug-3"), ["MUG-3"]),
        (Search("umbrella"), []),
        (Search(order="price_desc"), ["RUG-1", "MUG-4", "MUG-3", "MUG-2", "MUG-1"]),
    ],
)
def test_a_search_finds_rows(index, search, found):
    skus = [product.sku for product in tool.run(index, search, "BRL", 10)]

    assert (skus[: len(found)] if search.words == "blue mug" else skus) == found


def test_a_price_is_in_the_units_of_its_currency(index):
    assert [one.sku for one in tool.run(index, Search("mug", highest=1000), "JPY", 10)] == ["MUG-1"]


def test_no_more_than_asked_for_are_found(index):
    assert len(tool.run(index, Search("mug"), "BRL", 2)) == 2


def test_the_specification_is_that_of_its_arguments():
    properties = tool.SPECIFICATION["function"]["parameters"]["properties"]

    assert set(properties) == set(Search.__slots__)
