"""Pictures that customers might send."""

import io

from PIL import Image


def picture(form: str = "JPEG", size: tuple[int, int] = (320, 240), colour: str = "red", **saved: object) -> bytes:
    """Return a picture's file."""
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, form, **saved)
    return target.getvalue()


def form_with(file: bytes, text: str = "It arrived broken", after: int = 0, name: str = "plate.jpg") -> bytes:
    """Return a message's form as a browser sends it, with boundary xx."""
    parts = [f'--xx\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in (("content", text), ("after", after))]  # fmt: skip
    head = (
        f'--xx\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    return "".join(parts).encode() + head.encode() + file + b"\r\n--xx--\r\n"
