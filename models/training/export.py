"""Writes models/pocket (or the folder named as its argument): safetensors with the keys of docs/pocket-layout.md,
matrices packed in 8 bits, DeCap's memory, tokenizer and manifest. A stage that has not been trained yet is written with
random weights, so that the layout can be built on early. Then `node server/setup/write-self-check.mjs FOLDER` adds the
self-check."""

import gzip
import hashlib
import json
import os
import shutil
import sys

import packed
import torch
from common import RUNS, done, load, seed
from data import BOS, EOS
from joint import Joint
from nets import HEADS, LAYERS, LM, POS, TRUNK_NAME, CoCa, D, Prefix, Trunk, V

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pocket")
CHOICES = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "choices.json")))
# Limits: what is committed, what a browser downloads (text as a gzip stream), a single file.
COMMITTED, OVER_THE_WIRE, ONE_FILE = 64e6, 40e6, 25e6
STARTS = {"efficientnet-lite2": "EfficientNet-Lite2", "mobilenet-v2": "MobileNetV2"}
sha = lambda path: hashlib.sha256(open(path, "rb").read()).hexdigest()


def likely(decoder):
    """The bound of `certainty.py`, where it was calibrated."""
    return {"likelyFrom": CHOICES["likelyFrom"][decoder]} if decoder in CHOICES.get("likelyFrom", {}) else {}


def state(name, key, fresh):
    """`name:last` is the last step of a run instead of the one with the best held-out loss."""
    name, _, which = name.partition(":")
    return load(name)[which or key] if done(name) else fresh().state_dict()


def write(name, tensors, errors):
    """Writes a file of the family; `errors` gets those of its packed matrices."""
    errors.update({f"{name} {k}": e for k, e in packed.save(os.path.join(OUT, name), tensors).items()})


def wire(path):
    """Bytes that a browser downloads: text comes as a gzip stream, weights as they are."""
    with open(path, "rb") as f:
        content = f.read()
    return len(gzip.compress(content)) if path.endswith((".json", ".txt")) else len(content)


def graphs():
    """Each graph's network, files and sizes. The token table is shared, so `lm` comes along where text is read or
    written."""
    grid, tokens = {"settings": {"tokens": 49, "channels": 1280}}, {"settings": {"imageTokens": 16}}
    graph = lambda network, *files, **settings: {"network": "pocket-" + network, "files": list(files), **settings}
    prefix = lambda name, mapper: {
        name + ".mapper": graph(mapper, name),
        name + ".lm": graph("gpt", name, "lm"),
    }
    return {
        "image-tower": graph("image-tower", "joint"),
        "text-tower": graph("text-tower", "joint", "lm"),
        "lm": graph("gpt", "lm"),
        **prefix("clipcap", "mlp-mapper"),
        **prefix("capdec", "mlp-mapper"),
        **prefix("decap", "linear-mapper"),
        "coca.pooler": graph("pooler", "coca", **grid),
        "coca.cross": graph("coca-cross", "coca", "lm", **tokens),
        "coca.contrast": graph("pooler-contrast", "coca", **grid),
        "coca.text": graph("coca-text", "coca", "lm"),
        "coca.pooler-map": graph("pooler-map", "coca", **grid),
        "coca.decoder-map": graph("coca-decoder-map", "coca", "lm", **tokens),
        "coca.decoder": graph("coca-decoder", "coca", "lm", **tokens),
    }


def main():
    seed()
    os.makedirs(OUT, exist_ok=True)
    errors = {}
    body = lambda s, old, new: {new + k[len(old) :]: v for k, v in s.items() if k.startswith(old)}
    lm = state("lm", "lm", LM)
    write("lm.safetensors", {"lm.wte.weight": lm["wte.weight"], **body(lm, "gpt.", "lm.")}, errors)
    j = state("joint" if done("joint") else "joint-frozen", "joint", Joint)
    pixels = load("coca-pixels") if done("coca-pixels") else {"kind": TRUNK_NAME, "trunk": Trunk().state_dict()}
    trunk = pixels["trunk"]
    start = STARTS[pixels["kind"]]
    write(
        "joint.safetensors",
        {
            **{"image.trunk." + k: v for k, v in trunk.items()},
            **body(j, "pool.", "image.pool."),
            **body(j, "text.body.", "text."),
            **body(j, "text.proj.", "text.proj."),
            "logit_scale": j["logit_scale"],
        },
        errors,
    )
    for name, fresh in (
        ("clipcap", lambda: Prefix(10, 384)),
        ("capdec", lambda: Prefix(10, 384)),
        ("decap", lambda: Prefix(1)),
    ):
        s = state(CHOICES["nets"][name], "net", fresh)
        t = {
            **body(s, "gpt.", "lm."),
            **(body(s, "fc", "mapper.fc") if name != "decap" else body(s, "fc2.", "mapper.fc.")),
        }
        if name == "capdec":
            t["offset"] = load("embeddings")["offset"] if done("embeddings") else torch.zeros(D)
        write(name + ".safetensors", t, errors)
    c = state(CHOICES["nets"]["coca"], "coca", CoCa)
    write(
        "coca.safetensors",
        {
            ("pool." if k.startswith(("contrast.", "caption.")) else "" if k == "logit_scale" else "text.") + k: v
            for k, v in c.items()
        },
        errors,
    )
    m = (
        load("memory")
        if done("memory")
        else {
            "sentences": [f"a small memory line {i}" for i in range(64)],
            "embeddings": torch.nn.functional.normalize(torch.randn(64, D), dim=-1),
        }
    )
    write("decap-memory.safetensors", {"embeddings": m["embeddings"]}, errors)
    open(os.path.join(OUT, "decap-memory.txt"), "w").write("\n".join(m["sentences"]) + "\n")
    for f in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(os.path.join(RUNS, f), os.path.join(OUT, f))
    files = {
        "lm": "lm.safetensors",
        "joint": "joint.safetensors",
        "clipcap": "clipcap.safetensors",
        "capdec": "capdec.safetensors",
        "decap": "decap.safetensors",
        "decapMemory": "decap-memory.safetensors",
        "decapMemoryText": "decap-memory.txt",
        "coca": "coca.safetensors",
        "tokenizer": "tokenizer.json",
    }
    capdec = CHOICES["nets"]["capdec"].partition(":")[0]
    manifest = {
        "family": "pocket",
        "version": "3",
        "space": {
            "name": "pocket",
            "dim": D,
            "image": {
                "size": 224,
                "fit": "squash",
                "filter": "bicubic",
                "scale": "x/127.5-1",
                "profile": "ignored",
                "mirror": True,
                "trunk": pixels["kind"],
            },
            "text": {"context": POS, "bos": BOS, "eos": EOS},
        },
        "languageModel": {
            "layers": LAYERS,
            "heads": HEADS,
            "width": D,
            "vocabulary": V,
            "positions": POS,
            "eos": EOS,
            "bos": BOS,
        },
        "files": {
            k: {"path": p, "bytes": os.path.getsize(os.path.join(OUT, p)), "sha256": sha(os.path.join(OUT, p))}
            for k, p in files.items()
        },
        "graphs": graphs(),
        "closed": True,
        "decoders": {
            "iterative": {"defaults": CHOICES["iterative"], **likely("iterative")},
            "clipcap": {"prefix": 10, "defaults": CHOICES["clipcap"], **likely("clipcap")},
            "capdec": {
                "prefix": 10,
                "noiseVariance": load(capdec)["variance"] if done(capdec) else 0.0005,
                "assets": {"capdecOffset": "capdec"},
                "defaults": CHOICES["capdec"],
                **likely("capdec"),
            },
            "decap": {
                "prefix": 1,
                "memory": len(m["sentences"]),
                "temperature": CHOICES["decap"]["tau"],
                "defaults": CHOICES["decap"],
                **likely("decap"),
            },
            "coca": {"imageTokens": 16, "defaults": CHOICES["coca"], **likely("coca")},
        },
        "licence": "Own terms, see LICENSE.md: research use (trained on Flickr8k photos, Flickr8k/30k and COCO "
        "captions); image trunk started from " + start + " (Apache-2.0), see NOTICE",
        "trainedOn": "Flickr8k train photos and captions (5,601 of 6,086; 485 held out for choices); captions of "
        "Flickr30k (train) and COCO val2014 for the language model, the text tower, CapDec, DeCap and the start of "
        "ClipCap; ImageNet through the " + start + " start",
        "metrics": CHOICES["metrics"],
    }
    # Beside the manifest, not in it: new figures are no new weights.
    if "effects" in CHOICES:
        open(os.path.join(OUT, "effects.json"), "w").write(json.dumps(CHOICES["effects"], indent=2) + "\n")
    for f in os.listdir(OUT):
        os.chmod(os.path.join(OUT, f), 0o644)
    json.dump(manifest, open(os.path.join(OUT, "manifest.json"), "w"), indent=2)
    for k, e in errors.items():
        print(f"{k}: {100 * e:.2f} %")
    print(
        f"error of {len(errors)} packed matrices as a share of their norm: "
        f"{100 * sum(errors.values()) / len(errors):.2f} % on average, "
        f"{100 * max(errors.values()):.2f} % at most ({max(errors, key=errors.get)})"
    )
    sizes = {p: os.path.getsize(os.path.join(OUT, p)) for p in sorted(os.listdir(OUT))}
    sent = sum(wire(os.path.join(OUT, p)) for p in [*files.values(), "manifest.json"])
    print(sizes, f"{sum(sizes.values()) / 1e6:.1f} MB, {sent / 1e6:.1f} MB over the wire")
    assert sum(sizes.values()) <= COMMITTED and sent <= OVER_THE_WIRE and max(sizes.values()) <= ONE_FILE


if __name__ == "__main__":
    main()
