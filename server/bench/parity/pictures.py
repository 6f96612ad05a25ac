"""Pictures of our own: drawn photos, and the same in the colour profiles and modes that files of photos come in."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

# Landscape, portrait, square, small and long; some leave a rest of 3 mod 4 beside the centre of 224 pixels.
SIZES = [(640, 427), (427, 640), (500, 375), (333, 500), (640, 480), (512, 512), (227, 224), (600, 338), (224, 231)]


def drawing(seed: int) -> Image.Image:
    """A gradient, a few shapes and some grain: no two alike."""
    random = np.random.default_rng(seed)
    width, height = SIZES[seed % len(SIZES)]
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    wave = np.sin(x * random.uniform(2, 40) + y * random.uniform(-30, 30) + random.uniform(0, 6))
    ground, slope = random.uniform(0, 255, 3), random.uniform(-160, 160, (2, 3))
    colours = ground + x[..., None] * slope[0] + y[..., None] * slope[1] + wave[..., None] * random.uniform(0, 60, 3)
    image = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(random.integers(3, 12)):
        left, top = random.integers(-40, width), random.integers(-40, height)
        box = (left, top, left + random.integers(20, width), top + random.integers(20, height))
        kind = (draw.ellipse, draw.rectangle)[random.integers(2)]
        kind([int(v) for v in box], fill=tuple(int(v) for v in random.integers(0, 256, 3)))
    grain = random.normal(0, random.uniform(0, 25), (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


# Red, green and blue in XYZ under D50, and the exponent of the curve.
PROFILES = {
    "srgb": (((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)), 2.2),
    "adobe": (((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)), 2.2),
    "p3": (((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)), 2.2),
    "prophoto": (((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)), 1.8),
}


def profile(space: str, kind: str, tags: list[tuple[str, bytes]]) -> bytes:
    """An ICC profile, version 2.4, of the given tags."""
    text = b"desc\0\0\0\0" + struct.pack(">I", 6) + b"drawn\0" + bytes(78)
    tags = [("desc", text), ("cprt", b"text\0\0\0\0none\0"), ("wtpt", xyz(0.9642, 1.0, 0.8249)), *tags]
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, content in tags:
        table += struct.pack(">4sII", name.encode(), at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s12s4s28s", at + len(body), b"", 0x02400000, kind.encode(), space.encode(), b"XYZ ",
                       b"", b"acsp", b"")  # fmt: skip
    head += xyz(0.9642, 1.0, 0.8249)[8:] + bytes(128 - len(head) - 12)
    return head + struct.pack(">I", len(tags)) + table + body


def xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))


def curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def matrix_profile(name: str) -> bytes:
    primaries, gamma = PROFILES[name]
    of = dict(zip("rgb", primaries))
    tags = [(f"{c}XYZ", xyz(*of[c])) for c in "rgb"] + [(f"{c}TRC", curve(gamma)) for c in "rgb"]
    return profile("RGB ", "mntr", tags)


def deep_png(image: Image.Image, icc: bytes, seed: int) -> bytes:
    """16 bits a channel, which Pillow reads and does not write."""
    low = np.random.default_rng(seed).integers(0, 256, (image.height, image.width, 3), dtype=np.uint16)
    samples = (np.asarray(image).astype(np.uint16) << 8 | low).astype(">u2").reshape(image.height, -1)
    rows = b"".join(b"\0" + row.tobytes() for row in samples)

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", image.width, image.height, 16, 2, 0, 0, 0)
    parts = [
        (b"IHDR", head),
        (b"iCCP", b"drawn\0\0" + zlib.compress(icc)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def odd_pictures(folder: Path) -> list[Path]:
    """Each in a file of its own, whose name tells what is odd about it. Pillow is to read every one by its values."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []

    def write(name: str, content: bytes) -> None:
        made.append(folder / name)
        made[-1].write_bytes(content)

    def save(name: str, image: Image.Image, **options) -> None:
        buffer = io.BytesIO()
        kinds = {"jpg": "JPEG", "tif": "TIFF"}
        ending = name.rsplit(".", 1)[1]
        image.save(buffer, kinds.get(ending, ending.upper()), **options)
        write(name, buffer.getvalue())

    fresh = iter(drawing(seed) for seed in range(1000, 2000))
    for space in PROFILES:
        icc = matrix_profile(space)
        save(f"{space}.png", next(fresh), icc_profile=icc)
        save(f"{space}-90.jpg", next(fresh), icc_profile=icc, quality=90)
        save(f"{space}-444.jpg", next(fresh), icc_profile=icc, quality=70, subsampling=0)
        save(f"{space}-progressive.jpg", next(fresh), icc_profile=icc, progressive=True)
        save(f"{space}-lzw.tif", next(fresh), icc_profile=icc, compression="tiff_lzw")
        save(f"{space}-lossless.webp", next(fresh), icc_profile=icc, lossless=True)
        save(f"{space}-palette.png", next(fresh).quantize(64), icc_profile=icc)
        write(f"{space}-16-bit.png", deep_png(next(fresh), icc, len(made)))
    inks = profile("CMYK", "prtr", [])
    save("cmyk.jpg", next(fresh).convert("CMYK"), quality=92)
    save("cmyk-profile.jpg", next(fresh).convert("CMYK"), quality=92, icc_profile=inks)
    save("cmyk-profile.tif", next(fresh).convert("CMYK"), icc_profile=inks)
    grey = profile("GRAY", "mntr", [("kTRC", curve(1.8))])
    save("grey.jpg", next(fresh).convert("L"))
    save("grey-profile.png", next(fresh).convert("L"), icc_profile=grey)
    save("grey-profile.tif", next(fresh).convert("L"), icc_profile=grey)
    save("two-tones.png", next(fresh).convert("1"))
    save("palette.gif", next(fresh).quantize(128))
    return made
