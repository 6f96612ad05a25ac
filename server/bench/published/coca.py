"""CoCa ViT-B/32 by open_clip 3.3.0 itself: random weights in the published layout, how long its `generate` takes, and
what it answers. The same with the photo encoded once, where it encodes six copies.

    pip install open_clip_torch==3.3.0 transformers==4.49.0
    python server/bench/published/coca.py make DIR        # writes DIR/coca.bin
    python server/bench/published/coca.py time DIR PHOTO.ppm [--repeat N]
    python server/bench/published/coca.py parity DIR PHOTO.ppm ...
        # writes DIR/coca-parity.bin: of each photo its raw embedding and the logits after its last token but one
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import open_clip
import torch
import transformers
from open_clip.coca_model import CoCa, _has_transformers
from PIL import Image

# `generate` wants seq_len above min_seq_len; both count the begin token, so all tokens but the twentieth are no end.
TOKENS, START = 20, 49406
FORCED = {"seq_len": TOKENS + 1, "min_seq_len": TOKENS}


def deviation(name: str, weight: torch.Tensor) -> tuple[float, float]:
    """Mean and deviation that keep activations in range and make captions depend on the photo."""
    if name.endswith("bias"):
        return 0, 0.1
    if "ln_" in name:
        return 1, 0.1
    if name == "text.token_embedding.weight" or name.endswith(("cls_emb", "class_embedding", "positional_embedding")):
        return 0, 0.5
    if name == "visual.attn_pool.query":
        return 0, 1
    if name == "text_decoder.text_projection":
        return 0, 0.2
    fan_in = weight[0].numel() if not name.endswith("proj") else weight.shape[0]
    # Attention that is sharper than that of a fresh network tells photos apart.
    return 0, (2 if "in_proj" in name or "k_proj" in name or "q_proj" in name else 1) / fan_in**0.5


def make(folder: Path) -> None:
    torch.manual_seed(0)
    model = open_clip.create_model("coca_ViT-B-32")
    for name, weight in model.named_parameters():
        if weight.dim():
            weight.normal_(*deviation(name, weight))
    torch.save(model.state_dict(), folder / "coca.bin")


def opened(folder: Path) -> tuple[CoCa, object]:
    assert _has_transformers, f"transformers {transformers.__version__} has no BeamSearchScorer; 4.49.0 has."
    model = open_clip.create_model("coca_ViT-B-32").eval()
    model.load_state_dict(torch.load(folder / "coca.bin", map_location="cpu", weights_only=True))
    mean, std = open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD
    return model, open_clip.transform.image_transform(224, is_train=False, mean=mean, std=std)


def encode_once(model: CoCa) -> None:
    """The copies of a photo are encoded as one."""
    encode = model._encode_image

    def once(images, normalize=True):
        latent, tokens = encode(images[:1], normalize)
        return latent.expand(len(images), -1), tokens.expand(len(images), -1, -1)

    model._encode_image = once


def timings(folder: Path, photo: str, repeat: int) -> dict:
    model, transform = opened(folder)
    results = {}
    for name in ("coca", "cocaOnce"):
        if name == "cocaOnce":
            encode_once(model)
        seconds = []
        for _ in range(repeat):
            start = time.perf_counter()
            row = model.generate(transform(Image.open(photo).convert("RGB"))[None], **FORCED)[0].tolist()
            seconds.append(time.perf_counter() - start)
        results[name] = {"seconds": min(seconds), "all": seconds, "tokens": row[1:]}
        print(f"theirs, {name}: {min(seconds):.2f} s", file=sys.stderr)
    return results


def answers(folder: Path, photos: list[str]) -> dict:
    model, transform = opened(folder)
    encode_once(model)
    said, numbers = [], []
    for n, photo in enumerate(photos):
        pixels = transform(Image.open(photo).convert("RGB"))[None]
        row = model.generate(pixels, **FORCED)[0].tolist()
        latent, tokens = model._encode_image(pixels, normalize=False)
        ids = torch.tensor([row[:-1]])
        logits = model(None, ids, image_latent=latent, image_embs=tokens, output_labels=False)["logits"][0, -1]
        said.append(row[1:])
        numbers.append(torch.cat((latent[0], logits)).float().numpy())
        print(f"theirs, parity: photo {n + 1} of {len(photos)}", file=sys.stderr)
    np.stack(numbers).astype("<f4").tofile(folder / "coca-parity.bin")
    versions = {"open_clip_torch": open_clip.__version__, "transformers": transformers.__version__}
    return {"by": {**versions, "torch": torch.__version__}, "tokens": said}


parser = argparse.ArgumentParser()
parser.add_argument("what", choices=("make", "time", "parity"))
parser.add_argument("folder", type=Path)
parser.add_argument("photos", nargs="*")
parser.add_argument("--repeat", type=int, default=2)
args = parser.parse_args()
torch.set_num_threads(2)
with torch.inference_mode():
    if args.what == "make":
        make(args.folder)
    elif args.what == "time":
        print(json.dumps(timings(args.folder, args.photos[0], args.repeat)))
    else:
        print(json.dumps(answers(args.folder, args.photos)))
