"""The example shop that Storekeeper comes with: which of its files are still there as they came, and their removal."""

import hashlib
from pathlib import Path

from handlers.desk import shop_files
from handlers.desk.shop_files import Editor
from shop.editing import versions
from shop.editing.versions import EditableFile
from shop.texts import STORE

FILES = {
    "about.md": "d4b04f539691da2665d9b9a2afa62e60e6cee77e6693a6c8a28397cceb4f1f8f",
    "delivery.md": "4bf86298766490f024a6b03dfbd43d4698af4536e9f40ef65e1b3b26ac4df897",
    "payment.md": "a39b7005b6ab463dc94e79bafb85a9d782c69f1aa76856a48d3eb41e5b7014d3",
    "products.csv": "d41b57a23cb72935a801ebdaf0565dd9b42c6d09e2cc9bd90af68da6c03eea22",
    "questions.md": "8f19082b6a2f985793bdb41c5939736a854fad465a6d00d3e970f9a7d958a81c",
    "returns.md": "0eae898dd0464d37b4aebd71a2d6b3359c9d01b279c7bb41e92619a27032cb12",
    "warranty.md": "f7a8922cc0fe28cd2655fa0f8afaea6483f8dd0b510964a411825c2b8d0c8a51",
}
"""Its products and texts, by name, each with the SHA-256 of its content."""
QUESTIONS = {"questions.pt_BR.md": "7dd130d55d84edae0e8496359115b50c5f9b7f008ab9188bb879be14bb57e4bd"}
"""Its example questions in other languages, beside the store."""
EXAMPLES = (
    "How much is the double hammock RED-012, and is delivery to Recife free?",
    "Can you send 1 kg of coffee to Portugal?",
    "I don't like the tablecloth I bought. Can I send it back?",
)
"""Its example questions in settings.toml."""
SHOP = "Quintal Caburé"


def present(prompts: Path) -> list[str]:
    """Return the names of its products and texts that are in the store as they came. Blocks."""
    return [name for name in FILES if _is_as_it_came(prompts / STORE / name, FILES[name])]


def _is_as_it_came(path: Path, digest: str) -> bool:
    try:
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest
    except OSError:
        return False


def remove(editor: Editor) -> list[str]:
    """Remove the files that are as they came; they can be brought back for 30 days. Return their names. Blocks.

    ChangedMeanwhile, NotEditable or OSError as shop.editing.versions has them.
    """
    prompts = editor.services.prompts
    gone = present(prompts)
    for name in gone:
        file = shop_files.find(prompts, name)
        assert file is not None  # a file of the store may have each of these names
        _remove(editor, file)
    for name, digest in QUESTIONS.items():
        if _is_as_it_came(prompts / name, digest):
            _remove(editor, versions.editable(prompts, prompts / name))
    return gone


def _remove(editor: Editor, file: EditableFile) -> None:
    editor.remove(file, seen=versions.digest_of(versions.read(file)))
