"""What single parts do, with paired 95 % bootstrap intervals over the held-out photos: DeCap's projection, CapDec's
offset, ClipCap's and CoCa's ranking, the mirror image. `python effects.py` uses the nets and settings of choices.json
and those of `recipe.py ablations`, trains nothing, and writes what it found there as `effects` (export.py copies it to
models/pocket/effects.json, which the page's help reads)."""

import json
import os

from certainty import HERE, OPTIONS
from common import done, tokenizer
from compare_captions import interval, scores_of
from data import clean
from evaluate import captions, held_images

# Decoder, the studio's option that switches it, what it is, settings with and without it.
SWITCHES = (
    ("decap", "project", "projection onto the memory", {}, {"projection": False}),
    ("capdec", "useOffset", "subtracting the modality offset", {}, {"offset": False}),
    *(
        (name, "jointRerank", "the joint embedding ranking the captions", {}, {"joint": 0})
        for name in ("clipcap", "coca")
    ),
    ("coca", "rerank", "its contrastive half ranking the captions", {}, {"rerank": 0}),
    *((name, None, "the mirror image in the embedding", {}, {"views": 1}) for name in ("clipcap", "capdec", "decap")),
)
# Decoder, what its training had and had not, the nets of `recipe.py ablations` with and without it, settings of both,
# their embeddings.
TRAININGS = (
    ("capdec", "noise in the training", "capdec-noise", "capdec-silent", {}, "embeddings"),
    ("capdec", "three times that noise", "capdec-loud", "capdec-noise", {}, "embeddings"),
    (
        "capdec",
        "noise in the training, in a space with a large modality gap",
        "capdec-gap-noise",
        "capdec-gap-silent",
        {"offset": False},
        "embeddings-gap",
    ),
    (
        "capdec",
        "three times that noise, in a space with a large modality gap",
        "capdec-gap-loud",
        "capdec-gap-noise",
        {"offset": False},
        "embeddings-gap",
    ),
    (
        "capdec",
        "noise in the training, each caption from its own embedding, in a space with a large modality gap",
        "capdec-gap-own-noise",
        "capdec-gap-own-silent",
        {"offset": False},
        "embeddings-gap",
    ),
    (
        "capdec",
        "ten times that noise, each caption from its own embedding, in a space with a large modality gap",
        "capdec-gap-own-loud",
        "capdec-gap-own-noise",
        {"offset": False},
        "embeddings-gap",
    ),
    ("clipcap", "fine-tuning the language model", "clipcap-tuned", "clipcap-frozen", {"joint": 0}, "embeddings"),
    (
        "coca",
        "the contrastive loss in the training",
        "coca-both",
        "coca-alone",
        {"rerank": 0, "joint": 0, "beam": 5},
        "embeddings",
    ),
)


def main():
    choices = json.load(open(os.path.join(HERE, "choices.json")))
    held, _ = held_images()
    tok = tokenizer()
    known = {}

    def scores(name, change, space="embeddings"):
        os.environ["EMBEDDINGS"] = space
        key = name, tuple(change.items()), space
        if key not in known:
            options = {
                "net": choices["nets"][name],
                **{mine: choices[name][k] for k, mine in OPTIONS.items() if k in choices[name]},
                **change,
            }
            known[key] = scores_of(
                held, {r["image"]: clean(tok.decode(c)) for r, c in zip(held, captions(name, **options))}
            )
        return known[key]

    found, missing = [], []
    pairs = [
        (name, option, what, lambda n=name, c=on: scores(n, c), lambda n=name, c=off: scores(n, c))
        for name, option, what, on, off in SWITCHES
    ]
    for name, what, on, off, change, space in TRAININGS:
        if not (done(on) and done(off)):
            missing.append({"decoder": name, "what": what})
            continue
        pairs.append(
            (
                name,
                None,
                what,
                *(lambda n=name, net=net, c=change, s=space: scores(n, {**c, "net": net}, s) for net in (on, off)),
            )
        )
    for name, option, what, on, off in pairs:
        a, b = on(), off()
        m, low, high = interval(a - b)
        print(
            f"{name}: {what}: CIDEr-D {b.mean():.4f} without, {a.mean():.4f} with: "
            f"{m:+.4f}, 95 % [{low:+.4f}, {high:+.4f}]",
            flush=True,
        )
        found.append(
            {
                "decoder": name,
                **({"option": option} if option else {}),
                "what": what,
                **{
                    k: round(float(v), 3)
                    for k, v in (
                        ("without", b.mean()),
                        ("with", a.mean()),
                        ("difference", m),
                        ("low", low),
                        ("high", high),
                    )
                },
            }
        )
    choices["effects"] = {
        "measured": f"CIDEr-D on {len(held)} held-out photos (models/training/effects.py)",
        "effects": found,
        "notMeasured": missing,
    }
    json.dump(choices, open(os.path.join(HERE, "choices.json"), "w"), indent=2)


if __name__ == "__main__":
    main()
