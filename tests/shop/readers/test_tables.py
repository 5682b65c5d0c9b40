"""Delimited text is read with the delimiter, quoting and header that it has."""

import io

import pytest

from shop.readers.decode import UnusableFile
from shop.readers.tables import MOST_COLUMNS, TableRow, find_header, read_rows, unpacked


def rows_of(text: str) -> list[tuple[int, list[str]]]:
    return [(row.line, row.cells) for row in read_rows(io.StringIO(text, newline=""))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = delimiter.join(["sku", "nome", "preço"]) + "\n" + delimiter.join(["A-1", "Caneca", '"1,50"']) + "\n"

    assert rows_of(text)[1] == (2, ["A-1", "Caneca", "1,50"])


def test_decimal_commas_are_no_delimiter() -> None:
    assert rows_of("nome;preço\nPão, francês;0,50\nBolo;12,00\n")[1][1] == ["Pão, francês", "0,50"]


def test_excels_own_line_names_the_delimiter() -> None:
    assert rows_of("sep=;\nnome;preço\na;1\n")[0] == (2, ["nome", "preço"])


def test_cells_with_line_feeds_stay_whole_and_lines_are_right() -> None:
    text = 'name,price,description\r\nMug,5,"one\r\ntwo, ""three"""\r\nCup,6,x\r\n'

    assert rows_of(text)[1:] == [(2, ["Mug", "5", 'one\r\ntwo, "three"']), (4, ["Cup", "6", "x"])]


def test_quotation_marks_after_a_backslash_are_read() -> None:
    assert rows_of('name,price,text\n"5\\" pot",3,"a"\n')[1][1] == ['5" pot', "3", "a"]


def test_single_quotation_marks_are_read() -> None:
    assert rows_of("'name','price'\n'Mug, blue','5'\n")[1][1] == ["Mug, blue", "5"]


def test_blank_rows_are_no_rows() -> None:
    assert [line for line, _ in rows_of("name,price\n\n,,\nMug,5\n")] == [1, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,price\n" + "x" * 1_100_000 + ",1\n", "Line 2: field larger"),
        ("name,price" + ",x" * MOST_COLUMNS + "\n", "Line 1 has 2,002 columns"),
        ('sku,name,price,stock\nM,"Mug,5,1\n' + "C,Cup,6,1\n" * 9, "Line 2: a quotation mark is opened and not closed"),
    ],
    ids=["cell", "columns", "quotation mark"],
)
def test_what_no_product_table_has_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(UnusableFile, match=message):
        rows_of(text)


def test_lines_of_a_description_are_no_rows() -> None:
    sizes = "\n".join(f"Size {n}, {n} cm" for n in range(9))

    assert len(rows_of(f'sku,name,price,text\nM,Mug,5,"{sizes}"\n')) == 2


def table_of(text: str) -> tuple[tuple[str, ...], list[list[str]], int]:
    table = find_header(read_rows(io.StringIO(text, newline="")))
    assert table is not None
    return table.header, [row.cells for row in table.rows], table.header_line


def test_a_header_may_stand_under_a_title() -> None:
    text = "Bakery of Anna,,\nPrices from May,,\n,,\nName,Unit,Price\nBread,kg,4.50\n"

    assert table_of(text) == (("Name", "Unit", "Price"), [["Bread", "kg", "4.50"]], 4)


def test_a_header_may_take_two_rows() -> None:
    text = 'Waren-,,Preis\ngruppe,Artikelbezeichnung,Euro\nObst,Birnen,"2,40"\n'

    assert table_of(text)[0] == ("Warengruppe", "Artikelbezeichnung", "Preis Euro")


def test_articles_may_be_without_a_header() -> None:
    assert table_of(",Menge,Preis\nCola,0.33,2 CHF\n")[:2] == (("", "Menge", "Preis"), [["Cola", "0.33", "2 CHF"]])


def test_a_header_that_comes_again_is_no_row() -> None:
    assert table_of("name,price\nMug,5\nname,price\nCup,6\n")[1] == [["Mug", "5"], ["Cup", "6"]]


def test_a_table_of_something_else_has_no_header() -> None:
    assert find_header(read_rows(io.StringIO("city,people\nRecife,1500000\n"))) is None


def test_letters_of_columns_are_no_headers() -> None:
    header = table_of("ID,Name,C,D,Price,F,G,M\n1,Mug,a,b,5,c,d,e\n")[0]

    assert header == ("ID", "Name", "", "", "Price", "", "", "M")


def test_lines_in_single_cells_are_rows() -> None:
    text = '"id,name,price"\n"1,""Mug, blue"",5"\n"2,Cup,4"\n'

    assert [row.cells for row in unpacked(read_rows(io.StringIO(text, newline="")))] == [
        ["id", "name", "price"],
        ["1", "Mug, blue", "5"],
        ["2", "Cup", "4"],
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_in_cells_with_line_feeds_keep_their_lines(end: str) -> None:
    text = f'"id,name,price"\n"1,Mug{end}blue,5"\n"2,""Tea{end}cup"",4"\n'

    rows = read_rows(io.StringIO(text, newline=""))

    assert [(new.line, len(new.cells)) for new in unpacked(rows)] == [(row.line, 3) for row in rows]


def test_a_cell_across_lines_in_cells_moves_no_line() -> None:
    rows = [TableRow(n, [cell]) for n, cell in enumerate(["id,name,price", '1,"Mug', 'blue",5', "2,Cup,4"], 1)]

    assert [(row.line, row.cells[0]) for row in unpacked(rows)] == [(1, "id"), (2, "1"), (4, "2")]


def test_lines_in_cells_that_are_no_table_stay_lines() -> None:
    rows = [TableRow(1, ["id,name"]), TableRow(2, ["x," * MOST_COLUMNS])]

    assert unpacked(rows) is rows


@pytest.mark.parametrize("text", ["Hours\nMonday, 9 to 6\n", "name,price\nMug,5\n", "only one line"])
def test_other_rows_stay_as_they_are(text: str) -> None:
    rows = read_rows(io.StringIO(text, newline=""))

    assert unpacked(rows) is rows
