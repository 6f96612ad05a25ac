"""Compares captions of the same photos: CIDEr-D of each set (words as `data.clean` splits them; document frequencies of
the references) and paired 95 % bootstrap intervals of the differences, photo by photo. Optional: objects named, as
precision and recall.

    python compare_captions.py REFERENCES.jsonl FIRST.json:clipcap SECOND.json:clipcap ...

The files are those of `studio evaluate --captions`; `nearest:FOLDER` (the folder of a family) stands for the training
caption nearest to the photo in that family's joint space."""

import json
import os
import re
import sys

import numpy as np
from data import clean
from evaluate import CiderD

# Things that people name in everyday photos, our own list; a plural counts as its singular.
OBJECTS = """person man woman boy girl child baby dog cat bird horse sheep cow elephant bear zebra giraffe duck bench
chair couch sofa bed table desk toilet sink bathtub mirror kitchen oven stove refrigerator microwave counter cabinet
television tv computer laptop keyboard mouse phone book clock vase flower lamp window door car truck bus train bicycle
bike motorcycle boat plane airplane airport kite skateboard surfboard ski snowboard bat ball racket frisbee glove net
umbrella bag backpack suitcase tie hat shirt shoe dress helmet cup glass bottle plate bowl knife fork spoon food pizza
sandwich cake banana apple orange broccoli carrot donut bread meat salad fruit vegetable street road sidewalk sign
light building house bridge fence tree grass field beach water ocean wave river lake snow mountain hill rock sand sky
park room bathroom bedroom wall floor toy bear pole track station rail stick rope horse trick ramp pool leash""".split()
SAME = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "kid": "child",
    "people": "person",
    "couch": "sofa",
    "bike": "bicycle",
    "airplane": "plane",
    "tv": "television",
    "knives": "knife",
    "benches": "bench",
    "buses": "bus",
    "boxes": "box",
    "dishes": "dish",
    "motorbike": "motorcycle",
    "puppy": "dog",
    "kitten": "cat",
    "lady": "woman",
    "guy": "man",
}
KNOWN = set(OBJECTS)


def objects(text):
    out = set()
    for w in re.split(r"[ '-]", clean(text)):
        w = SAME.get(w, w)
        w = w if w in KNOWN or not w.endswith("s") else w[:-1]
        w = SAME.get(w, w)
        if w in KNOWN or w in SAME.values():
            out.add(w)
    return out


def scores_of(references, captions):
    """CIDEr-D of each photo (COCO's scale), in the order of `references`."""
    cider = CiderD([[clean(c) for c in r["captions"]] for r in references])
    vecs, out = cider.vecs, []
    for r, v in zip(references, vecs):
        cider.vecs = [v]
        out.append(cider([clean(captions[r["image"]])]))
    return np.array(out)


def interval(difference, rounds=10000, seed=0):
    """Mean and 95 % percentile interval of a paired bootstrap over photos."""
    rng = np.random.default_rng(seed)
    n = len(difference)
    means = np.array([difference[rng.integers(n, size=n)].mean() for _ in range(rounds)])
    return difference.mean(), *np.percentile(means, [2.5, 97.5])


def nearest(folder, references, tar):
    """The training caption nearest to each photo in the joint space of the family in `folder`."""
    import io
    import tarfile

    from backbone import to_input
    from common import encode
    from data import flickr8k
    from joint import embed_texts
    from PIL import Image
    from recall import embed_photo, space_of

    space = space_of(folder)
    texts = sorted({c for r in flickr8k()[0] for c in r["captions"]})
    memory = embed_texts(space[1], encode(texts), space[2])
    out = {}
    with tarfile.open(tar) as archive:
        members = {os.path.basename(m.name): m for m in archive.getmembers()}
        for r in references:
            image = (
                Image.open(io.BytesIO(archive.extractfile(members[r["image"]]).read()))
                .convert("RGB")
                .resize((224, 224), Image.BICUBIC)
            )
            out[r["image"]] = texts[int((embed_photo(space, to_input(np.asarray(image)[None])) @ memory.T).argmax())]
    return out


def main():
    path, sets = sys.argv[1], sys.argv[2:]
    with open(path) as f:
        references = [json.loads(line) for line in f]
    scored = []
    for name in sets:
        file, _, decoder = name.rpartition(":")
        captions = (
            nearest(decoder, references, path.replace(".jsonl", ".tar"))
            if file == "nearest"
            else json.load(open(file))[decoder]
        )
        if not scored:
            references = [r for r in references if r["image"] in captions]
        s = scores_of(references, captions)
        said = [objects(captions[r["image"]]) for r in references]
        seen = [set().union(*map(objects, r["captions"])) for r in references]
        hits = sum(len(a & b) for a, b in zip(said, seen))
        often = [{o for o in b if sum(o in objects(c) for c in r["captions"]) >= 2} for r, b in zip(references, seen)]
        recall = sum(len(a & b) for a, b in zip(said, often)) / max(1, sum(map(len, often)))
        print(
            f"{name}: photos {len(s)} CIDEr-D {s.mean():.4f} "
            f"objects: precision {hits / max(1, sum(map(len, said))):.3f} recall (of those named twice) {recall:.3f}"
        )
        for other, before in scored:
            m, low, high = interval(s - before)
            print(f"    minus {other}: {m:+.4f}, 95 % [{low:+.4f}, {high:+.4f}]")
        scored.append((name, s))


if __name__ == "__main__":
    main()
