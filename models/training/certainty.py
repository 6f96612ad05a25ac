"""From which cosine on is a caption of a decoder called likely? On the held-out photos a caption counts as right if its
CIDEr-D is above the median of all decoders' captions there; logistic regression of that on the cosine of caption and
photo crosses one half at the bound that is kept in choices.json (`likelyFrom`). Prints the area under the curve (how
often a right caption has the greater cosine of the two) and how often each label is right. `python certainty.py DECODER
...` first captions the held-out photos at the settings of choices.json, one decoder after the other or side by side;
`python certainty.py` then draws the bounds."""

import json
import os
import sys

import numpy as np
import torch.nn.functional as F
from common import encode, load, save, tokenizer
from compare_captions import scores_of
from data import clean
from evaluate import captions, held_images

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = {
    "beam": "beam",
    "lengthPenalty": "alpha",
    "noRepeat": "norepeat",
    "tau": "tau",
    "guidance": "guidance",
    "useOffset": "offset",
    "rerank": "rerank",
    "jointRerank": "joint",
}


def area(cosines, right):
    a, b = cosines[right], cosines[~right]
    return ((a[:, None] > b).mean() + 0.5 * (a[:, None] == b).mean()).item()


def crossing(cosines, right, rounds=200):
    """Where logistic regression gives one half: Newton steps on (weight, bias)."""
    mean, deviation = cosines.mean(), cosines.std()
    x = np.stack([(cosines - mean) / deviation, np.ones_like(cosines)], 1)
    w = np.zeros(2)
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x @ w))
        w += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2), x.T @ (right - p))
    return mean - deviation * w[1] / w[0]


def read(name, choices):
    """CIDEr-D and cosine of each held-out photo's caption by one decoder; its held-out scores go into choices.json with
    the bounds."""
    from joint import Joint, embed_texts, wte

    held, index = held_images()
    tok = tokenizer()
    j = Joint()
    j.load_state_dict(load("joint")["joint"])
    e = load(os.environ.get("EMBEDDINGS", "embeddings"))
    limit = 100 if name == "iterative" else None
    held, index = held[:limit], index[:limit]
    options = {mine: choices[name][k] for k, mine in OPTIONS.items() if k in choices[name]}
    rows = captions(name, limit, **options, **({"net": choices["nets"][name]} if name in choices["nets"] else {}))
    texts = [clean(tok.decode(r)) for r in rows]
    words = [w for t in texts for w in t.split()]
    s = scores_of(held, {r["image"]: t for r, t in zip(held, texts)})
    cosines = (
        (embed_texts(j, encode(texts), wte()) * F.normalize(e["images"][:2, index].mean(0), dim=-1)).sum(1).numpy()
    )
    save(
        "certainty-" + name,
        {
            "scores": s,
            "cosines": cosines,
            "metrics": {
                "heldOutCiderD": round(float(s.mean()), 4),
                "heldOutPhotos": len(s),
                "words": round(len(words) / len(texts), 1),
                "distinctCaptions": len(set(texts)),
                "distinctWords": len(set(words)),
            },
        },
    )
    print(name, load("certainty-" + name)["metrics"], flush=True)


def main():
    path = os.path.join(HERE, "choices.json")
    choices = json.load(open(path))
    names = ["iterative", "clipcap", "capdec", "decap", "coca"]
    if len(sys.argv) > 1:
        return [read(name, choices) for name in sys.argv[1:]]
    said = {name: load("certainty-" + name) for name in names}
    median = np.median(np.concatenate([x["scores"] for x in said.values()]))
    print("median CIDEr-D", round(float(median), 4))
    for name, x in said.items():
        right, cosines = x["scores"] > median, x["cosines"]
        bound = round(float(crossing(cosines, right)), 2)
        likely = cosines >= bound
        choices.setdefault("likelyFrom", {})[name] = bound
        choices["metrics"][name] = {**x["metrics"], "cosineAuc": round(area(cosines, right), 3)}
        print(
            f"{name}: photos {len(cosines)} area {area(cosines, right):.3f} likely from {bound}: "
            f"{likely.mean():.0%} of captions, "
            f"right in {right[likely].mean():.0%} of likely, {right[~likely].mean():.0%} of unsure",
            flush=True,
        )
    json.dump(choices, open(path, "w"), indent=2)


if __name__ == "__main__":
    main()
