"""What goes from the reading process to the other one."""

import subprocess
import sys

from settings import ROOT
from shop.products import Product
from shop.readers.reading import FileReading
from shop.readers.worker import frames_of, reading_of_frames

SCRIPT = """
import resource
from shop.readers.worker import limit
limit(resource.RLIMIT_AS, 600_000_000)
print(resource.getrlimit(resource.RLIMIT_AS)[0])
limit(resource.RLIMIT_AS, 10**15)
try:
    bytearray(700_000_000)
except MemoryError:
    print("refused")
"""


def test_a_reading_of_many_products_arrives_whole() -> None:
    products = tuple(Product(f"Mug {n}", stock=stock) for n in range(600) for stock in (3, True, None))
    reading = FileReading("table", products, {"hidden": 2}, ("No price.",))

    assert reading_of_frames(frames_of(reading)) == reading


def test_a_reading_that_is_cut_is_none() -> None:
    frames = list(frames_of(FileReading("table", (Product("Mug"),))))

    assert reading_of_frames(frames[:-1]) is None


def test_memory_is_limited() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT.replace("limit(resource.RLIMIT_AS, 10**15)\n", "")], cwd=ROOT, capture_output=True, text=True, timeout=60)  # fmt: skip

    assert ran.stdout.split() == ["600000000", "refused"]
