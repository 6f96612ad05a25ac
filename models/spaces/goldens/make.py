"""Golden values of models/spaces/resize.test.ts, from Pillow itself: python models/spaces/goldens/make.py

Horizontal pass first, as Pillow did up to 12. Pillow 13 takes the vertical one first for some tall pictures; how far
that moves the result is printed. Pictures are drawn by a formula that the test repeats, so only results are stored:
whole for small ones, and every 97th byte with the sum of all bytes for large ones.
"""

import json
import pathlib

import numpy as np
import PIL
from PIL import Image


def picture(width, height):
    """The same formula is in resize.test.ts: gradients, a checkerboard of hard edges and integer noise."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    noise = (x * 73856093 ^ y * 19349663) % 251
    edge = ((x // 5 + y // 3) % 2) * 255
    return np.stack([(x * 7 + y * 3) % 256, (edge + noise) // 2, noise], axis=-1).astype(np.uint8)


cases = [  # from, to
    ((16, 12), (5, 7)),
    ((5, 4), (12, 9)),
    ((1, 1), (3, 3)),
    ((40, 1), (7, 4)),
    ((9, 9), (9, 4)),
    ((640, 480), (224, 224)),
    ((333, 500), (224, 224)),
    ((100, 75), (224, 224)),
    ((1501, 37), (32, 32)),
]
goldens = []
for (width, height), size in cases:
    for name, kernel in (("bicubic", Image.Resampling.BICUBIC), ("bilinear", Image.Resampling.BILINEAR)):
        image = Image.fromarray(picture(width, height))
        out = np.asarray(image.resize((size[0], height), kernel).resize(size, kernel)).reshape(-1)
        direct = np.asarray(image.resize(size, kernel)).reshape(-1)
        moved = np.abs(out.astype(int) - direct)
        if moved.any():
            print(
                name,
                (width, height),
                size,
                "order of passes moves",
                moved.mean(),
                "on average and",
                moved.max(),
                "at most",
            )
        every = 1 if out.size < 400 else 97
        goldens.append(
            {
                "from": [width, height],
                "to": list(size),
                "filter": name,
                "every": every,
                "sum": int(out.astype(np.int64).sum()),
                "values": out[::every].tolist(),
            }
        )

# CLIP's preprocessing: shortest side, centre crop, mean and deviation; every 97th value.
MEAN, DEVIATION = np.float32([0.48145466, 0.4578275, 0.40821073]), np.float32([0.26862954, 0.26130258, 0.27577711])
clip = []
for width, height in ((640, 427), (427, 641), (300, 224), (100, 75), (224, 1001)):
    image, size = Image.fromarray(picture(width, height)), 224
    target = (size, int(size * height / width)) if width <= height else (int(size * width / height), size)
    image = image.resize((target[0], height), Image.Resampling.BICUBIC).resize(target, Image.Resampling.BICUBIC)
    left, top = int(round((image.width - size) / 2)), int(round((image.height - size) / 2))
    pixels = (
        np.asarray(image.crop((left, top, left + size, top + size))).astype(np.float32) / np.float32(255) - MEAN
    ) / DEVIATION
    clip.append(
        {"from": [width, height], "values": [round(float(v), 5) for v in pixels.transpose(2, 0, 1).reshape(-1)[::977]]}
    )
pathlib.Path(__file__).with_name("clip-preprocess.json").write_text(json.dumps(clip, separators=(",", ":")) + "\n")

path = pathlib.Path(__file__).with_name("resize.json")
path.write_text(
    '{"pillow":"%s","cases":[\n%s\n]}\n'
    % (PIL.__version__, ",\n".join(json.dumps(golden, separators=(",", ":")) for golden in goldens))
)
print(path, path.stat().st_size, "bytes")
