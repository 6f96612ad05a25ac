"""Captions and photos: reading, cleaning, the split by hash, and the cache of decoded photos."""

import functools
import hashlib
import io
import json
import os
import re
import tarfile

import numpy as np
from PIL import Image

DATA = os.environ.get("DATA_DIR", "../shared/data")
RUNS = os.environ.get("RUNS_DIR", os.path.join(os.path.dirname(__file__), "runs"))
os.makedirs(RUNS, exist_ok=True)
PAD, BOS, EOS = 0, 1, 2


def clean(text):
    """Lower case, words of [a-z0-9'-] joined by one space."""
    text = text.lower().replace("\u2019", "'").replace("\u2013", "-")
    return " ".join(
        w.strip("-'") if w not in ("'s",) else w for w in re.findall(r"[a-z0-9]+(?:['-][a-z0-9]+)*|'s", text)
    ).strip()


def lines(path):
    with open(os.path.join(DATA, path)) as f:
        return [json.loads(line) for line in f]


def held_out(name):
    """True for the about 500 of 6,086 train photos on which every choice is made."""
    return int(hashlib.sha1(name.encode()).hexdigest(), 16) % 6086 < 500


@functools.cache
def flickr8k():
    """(train, held-out) lists of {image, captions}; captions cleaned."""
    rows = [{"image": r["image"], "captions": [clean(c) for c in r["captions"]]} for r in lines("flickr8k/train.jsonl")]
    return [r for r in rows if not held_out(r["image"])], [r for r in rows if held_out(r["image"])]


def photo_id(name):
    """Flickr's number of a photo: Flickr8k's `123_abc.jpg` and Flickr30k's `123.jpg` are the same photo."""
    return re.match(r"\d+", name).group()


@functools.cache
def text_groups():
    """Caption groups without photos. Left out: groups of photos that are measured on (Flickr30k holds most of Flickr8k,
    its captions slightly changed), and captions that equal one of such a photo."""
    _, ho = flickr8k()
    measured = [r["image"] for r in ho] + [r["image"] for r in lines("flickr8k/val.jsonl")]
    ids = {photo_id(name) for name in measured}
    bad = {c for r in ho for c in r["captions"]} | {
        clean(c) for r in lines("flickr8k/val.jsonl") for c in r["captions"]
    }
    out = {}
    for name, path in (("flickr30k", "text/flickr30k-train.jsonl"), ("coco", "text/coco-val2014.jsonl")):
        rows = [r for r in lines(path) if name != "flickr30k" or photo_id(r["image"]) not in ids]
        groups = [[c for c in map(clean, r["captions"]) if c not in bad and 2 < len(c.split()) < 26] for r in rows]
        out[name] = [g for g in groups if g]
    return out


def photos(which="flickr8k/train"):
    """{name: index}, uint8 [N,224,224,3] (decoded once, then memory-mapped)."""
    cache = os.path.join(RUNS, which.replace("/", "-") + ".npy")
    names_file = cache + ".json"
    if not os.path.exists(names_file):
        names, arrays = [], []
        with tarfile.open(os.path.join(DATA, which + ".tar")) as tar:
            for m in tar:
                if m.isfile():
                    image = Image.open(io.BytesIO(tar.extractfile(m).read())).convert("RGB")
                    arrays.append(
                        np.asarray(image.resize((224, 224), Image.BICUBIC) if image.size != (224, 224) else image)
                    )
                    names.append(os.path.basename(m.name))
        np.save(cache, np.stack(arrays))
        json.dump(names, open(names_file, "w"))
    names = json.load(open(names_file))
    return {n: i for i, n in enumerate(names)}, np.load(cache, mmap_mode="r")
