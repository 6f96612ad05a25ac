"""Golden values of the original packages (transformers; OpenAI's clip) for models/spaces: CLIPProcessor's centre crop
(hugging-face-crop.json) and what `decode` of GPT-2's and of CLIP's tokenizer prints (decode.json). Pictures and texts
are this project's own. TOKENIZERS is a folder with gpt2/tokenizer.json and clip/bpe_simple_vocab_16e6.txt.gz.

    python models/spaces/goldens/hugging_face.py TOKENIZERS
"""

import json
import pathlib
import sys

import numpy as np
from clip.simple_tokenizer import SimpleTokenizer
from PIL import Image
from transformers import GPT2Tokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

HERE, TOKENIZERS = pathlib.Path(__file__).parent, pathlib.Path(sys.argv[1])


def picture(width, height):
    """The formula of make.py and of resize.test.ts."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    noise = (x * 73856093 ^ y * 19349663) % 251
    edge = ((x // 5 + y // 3) % 2) * 255
    return np.stack([(x * 7 + y * 3) % 256, (edge + noise) // 2, noise], axis=-1).astype(np.uint8)


crops = []
# Rests of 3, 1, 2 and 0 mod 4, wide and tall, and a square.
for width, height in (
    (640, 427),
    (427, 641),
    (300, 224),
    (227, 224),
    (224, 227),
    (231, 224),
    (225, 224),
    (224, 1001),
    (64, 64),
):
    pixels = CLIPImageProcessorPil()(Image.fromarray(picture(width, height)), return_tensors="np")["pixel_values"][0]
    crops.append({"from": [width, height], "values": [round(float(v), 5) for v in pixels.reshape(-1)[::977]]})
(HERE / "hugging-face-crop.json").write_text(json.dumps(crops, separators=(",", ":")) + "\n")

TEXTS = [
    "A man rides a bicycle past a red wall .",
    " two dogs , one brown and one black , play with a ball !",
    "is that a cat ? yes it 's a cat",
    "they do n't look and we 've seen they 're small , I 'm sure",
    "the dogs ' bowls stand beside the cat 's",
    "a child says ' hello ' to a goose",
    "A plate with 3 eggs.  Two spaces, and a trailing one ",
    "caf\u00e9 na\u00efve \u2014 \u201cquoted\u201d \u2026 \u00bd cup",
    "a smile \U0001f600 and a flag \U0001f1e9\U0001f1ea on a boat",
    "\u732b\u304c\u5ea7\u308b",
    "line\nbreak\ttab",
    "",
    ".",
    " ",
]
# The clean-up was the default of the versions that the authors used.
gpt2 = GPT2Tokenizer.from_pretrained(
    str(TOKENIZERS / "gpt2"),
    clean_up_tokenization_spaces=True,
    clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output=True,
)
clip = SimpleTokenizer(str(TOKENIZERS / "clip" / "bpe_simple_vocab_16e6.txt.gz"))


def variants(ids):
    """The ids, cut at every third place: characters of several bytes break there."""
    yield ids
    for end in range(1, len(ids), 3):
        yield ids[:end]
        yield ids[end:]


out = {"gpt2": [], "clip": []}
for text in TEXTS:
    for ids in variants(gpt2.encode(text)):
        for more in (ids, [*ids, 50256], [50256, *ids, 13, 50256, 0]):
            out["gpt2"].append(
                {"ids": more, "text": gpt2.decode(more, clean_up_tokenization_spaces=True) if more else ""}
            )
    for ids in variants(clip.encode(text)):
        for more in (ids, [49406, *ids, 49407], [49406, *ids, 49407, *ids]):
            printed = clip.decode(more).replace("<|startoftext|>", "").replace("<|endoftext|>", "")
            out["clip"].append({"ids": more, "text": printed})
for name, cases in out.items():
    print(name, len(cases))
(HERE / "decode.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
