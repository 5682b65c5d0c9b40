"""What the model sees, shown on the page: the ruler, the messages that became notes, the notes themselves."""

import re
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from memory.context import noting, summary
from memory.context.summary import Covered, Segment, Summary
from memory.conversations import history
from memory.conversations.records import Record
from tests.browser.conftest import Visit
from tests.browser.looks import shoot
from tests.browser.visitor import Visitor, write_history

NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
GREY = """() => Object.fromEntries([...document.querySelectorAll("#log > .message")].map((message) => {
    const text = message.querySelector(".text"), soft = message.querySelector(".who");
    return [message.id.slice(8), getComputedStyle(text).color === getComputedStyle(soft).color];
}))"""
CONTRASTS = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    const light = (color) => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => byte / 255);
        const [x, y, z] = [r, g, b].map((part) => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
        return {light: .2126 * x + .7152 * y + .0722 * z, alpha: a};
    };
    return [...document.querySelectorAll("#log .text, #noted a")].map((text) => {
        let behind = text;
        while (light(getComputedStyle(behind).backgroundColor).alpha < 1) behind = behind.parentElement;
        const [one, other] = [getComputedStyle(text).color, getComputedStyle(behind).backgroundColor].map((c) => light(c).light);
        return (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    });
}"""


def remember(visitor: Visitor, last: int, text: str = "The customer asked about hammocks.") -> None:
    """Put notes over the messages up to number `last`."""
    entry = history.find(visitor.folder, last)
    assert entry is not None
    summary.save(visitor.folder, Summary((Segment(1, last, 0, entry.end, "model", NOON, text, "as_told"),)), Covered())


def grey(page: Page) -> set[int]:
    return {int(number) for number, is_grey in page.evaluate(GREY).items() if is_grey}


def test_summarised_messages_are_grey_wherever_the_line_moves(visit: Visit) -> None:
    ana = visit()
    said = [Record(n, NOON, "user" if n % 2 else "assistant", f"Words {n} about `RED-012`") for n in range(1, 41)]
    write_history(ana.folder, said)
    remember(ana, 12)

    ana.page.reload()
    expect(ana.page.locator("#message-40")).to_be_visible()
    assert grey(ana.page) == set()
    ana.page.locator("#scroller").evaluate("scroller => scroller.scrollTop = -1e6")
    expect(ana.page.locator("#message-1")).to_be_attached()
    expect(ana.page.locator("#noted")).to_have_count(1)
    assert grey(ana.page) == set(range(1, 13))

    remember(ana, 30)
    ana.ask_and_wait("ok And now?")

    expect(ana.page.locator("#message-30 + #noted")).to_have_count(1)
    expect(ana.page.locator("#noted")).to_have_count(1)
    assert grey(ana.page) == set(range(1, 31))
    ana.page.locator("#noted").scroll_into_view_if_needed()
    shoot(ana.page, "noted")
    for scheme in ("light", "dark"):
        ana.page.emulate_media(color_scheme=scheme)
        assert min(ana.page.evaluate(CONTRASTS)) >= 4.5


def test_the_line_stands_right_without_a_script_too(visit: Visit) -> None:
    ana = visit(java_script_enabled=False)
    write_history(ana.folder, [Record(n, NOON, "user" if n % 2 else "assistant", f"Words {n}") for n in range(1, 41)])
    remember(ana, 12)

    ana.page.goto(f"{ana.server.url}/")
    expect(ana.page.locator("#noted")).to_have_count(0)
    ana.page.get_by_role("link", name="Older messages").click()
    expect(ana.page.locator("#message-12 + #noted")).to_have_count(1)
    remember(ana, 30)
    ana.page.reload()
    expect(ana.page.locator("#message-20 + #noted:last-child")).to_have_count(1)


def test_the_ruler_names_each_part_of_the_prompt_and_opens_it(visit: Visit) -> None:
    ana = visit(viewport={"width": 1280, "height": 800})
    write_history(ana.folder, [Record(n, NOON, "user" if n % 2 else "assistant", f"Words {n}") for n in range(1, 41)])
    remember(ana, 20, "The customer wants the number W1234567.")
    ana.page.reload()
    ruler = ana.page.locator("#ruler a")

    expect(ruler).to_contain_text("answer 1,000")
    expect(ruler).to_have_attribute("title", re.compile("Reserved for the answer: 1,000 tokens"))
    for part in ("The model sees", "rules", "shop", "memory", "messages"):
        expect(ruler).to_contain_text(part)
    ruler.click()

    expect(ana.page.get_by_role("heading", name="What the model sees")).to_be_visible()
    prompt = ana.page.locator("pre").first
    expect(prompt).to_contain_text("The customer wants the number W1234567.")
    expect(prompt).to_contain_text("Words 21")
    expect(prompt).not_to_contain_text("Words 20")


def test_what_is_remembered_is_read_corrected_and_forgotten(visit: Visit) -> None:
    ana = visit()
    write_history(ana.folder, [Record(n, NOON, "user" if n % 2 else "assistant", f"Words {n}") for n in range(1, 41)])
    remember(ana, 20, "The customer likes red.")
    notes = ana.page.get_by_label("Notes")

    ana.page.goto(f"{ana.server.url}/summary")
    expect(ana.page.get_by_text("Messages 1 to 20: summarised by as_told")).to_be_visible()
    expect(notes).to_have_value("The customer likes red.")
    shoot(ana.page, "summary-notes")
    notes.fill("I like blue.")
    ana.button("Save").click()
    expect(ana.page.get_by_text("Messages 1 to 20: edited by you")).to_be_visible()
    ana.page.goto(f"{ana.server.url}/prompt")
    expect(ana.page.locator("pre").first).to_contain_text("I like blue.")
    expect(ana.page.locator("pre").first).not_to_contain_text("likes red")
    ana.page.goto(f"{ana.server.url}/summary")
    ana.button("Clear memory").click()

    expect(ana.page.get_by_text("Messages 1 to 20: cleared by you")).to_be_visible()
    ana.page.goto(f"{ana.server.url}/prompt")
    expect(ana.page.locator("pre").first).not_to_contain_text("I like blue.")


PURCHASE = [
    ("Oi! Estou montando a varanda nova e queria uma rede.", "Que bom! Temos redes de casal e de solteiro."),
    ("A varanda tem 3,20 x 1,80 m.", "Cabe uma de casal, com 1,60 m de largura."),
    ("Meu orçamento é de R$ 400,00.", "Dá para a rede de casal, que custa R$ 349,00."),
    ("Quero a rede azul.", "Azul, anotado."),
    ("Minha filha Clara é alérgica a lã.", "Todas as nossas redes são de algodão."),
    ("Entrega na Rua das Acácias, 210, apto 54, CEP 50740-100.", "Endereço anotado."),
    ("Na verdade, quero a rede verde em vez da azul.", "Verde então."),
    ("Podem entregar na terça-feira?", "Podemos, terça-feira de manhã."),
    ("Mudei de ideia: entrega na sexta-feira em vez de terça-feira.", "Sexta-feira, combinado."),
    ("E os ganchos?", "Vamos mandar dois ganchos de brinde, sem custo."),
]


def test_a_purchase_ends_in_a_memory_that_the_customer_accepts(visit: Visit) -> None:
    ana = visit()
    account = ana.folder.read("account.toml").replace(b'role = "customer"', b'role = "customer"\nlanguage = "pt_BR"')
    ana.folder.replace("account.toml", account)  # whole at once: the page is still asking for parts of it
    talk = [("Como está o tempo aí?", "Sol e vento, como sempre."), ("Gosto de passear no centro.", "É bonito mesmo.")]
    pairs = [*PURCHASE, *talk * 25]
    said = [text for pair in pairs for text in pair]
    records = [Record(n, NOON, "user" if n % 2 else "assistant", text) for n, text in enumerate(said, 1)]
    write_history(ana.folder, records)
    entries = list(history.forwards(ana.folder, 0, ana.folder.size("history.txt") or 0))[:80]
    notes = noting.extract(entries, budget_tokens=240, encoding="o200k_base")
    only = Segment(1, 80, 0, entries[-1].end, "extractive", NOON, notes)
    summary.save(ana.folder, Summary((only,)), Covered())

    ana.page.goto(f"{ana.server.url}/summary")
    for words in (
        "Rua das Acácias, 210, apto 54",
        "alérgica a lã",
        "dois ganchos de brinde",
        "rede verde",
        "sexta-feira",
    ):
        expect(ana.page.locator(".memories > li").filter(has_text=words).first).to_be_visible()
    for old in ("Quero a rede azul", "na terça-feira"):
        expect(ana.page.locator("del").filter(has_text=old).first).to_be_visible()
    shoot(ana.page, "summary-cards")

    card = ana.page.locator(".memories > li").filter(has_text="Rua das Acácias")
    card.locator("summary").click()
    card.get_by_label("O que lembrar em vez disso").fill("Entrega na Rua das Acácias, 210, apto 45")
    card.get_by_role("button", name="Salvar").click()
    expect(ana.page.locator(".memories > li").filter(has_text="apto 45")).to_contain_text("Editado por você")
    ana.page.locator(".memories > li").filter(has_text="alérgica").get_by_role("button", name="Esquecer").click()
    expect(ana.page.locator(".memories > li").filter(has_text="alérgica")).to_have_count(0)
    ana.page.locator(".memories > li").filter(has_text="ganchos de brinde").get_by_role("link").click()
    expect(ana.page.locator("#message-20")).to_contain_text("dois ganchos de brinde")
