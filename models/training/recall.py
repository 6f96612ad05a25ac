"""Recall of a family's joint space on a set of photos: `python recall.py ../pocket flickr8k/val`. Measures only."""

import json
import os
import sys

import torch
import torch.nn.functional as F
from backbone import to_input
from common import encode
from data import clean, lines, photos
from joint import Joint, embed_texts, recall
from nets import Trunk
from packed import load as load_weights
from resume import under


def space_of(folder):
    """Trunk, joint heads, token table and whether the mirror image counts, of the family in `folder`."""
    with open(os.path.join(folder, "manifest.json")) as f:
        image = json.load(f)["space"]["image"]
    t = load_weights(os.path.join(folder, "joint.safetensors"))
    trunk, joint = Trunk(image.get("trunk", "mobilenet-v2")).eval(), Joint().eval()
    trunk.load_state_dict(under(t, "image.trunk."))
    joint.load_state_dict(
        {
            **under(t, "image.pool.", "pool."),
            **{
                ("text." if k.startswith("text.proj.") else "text.body.") + k[5:]: v
                for k, v in t.items()
                if k.startswith("text.")
            },
            "logit_scale": t["logit_scale"],
        }
    )
    return (
        trunk.to(memory_format=torch.channels_last),
        joint,
        load_weights(os.path.join(folder, "lm.safetensors"))["lm.wte.weight"],
        image.get("mirror", False),
    )


@torch.no_grad()
def embed_photo(space, x):
    """Unit embeddings of [B,3,224,224] as the shipped tower gives them."""
    trunk, joint, _, mirror = space
    views = [x, x.flip(3)] if mirror else [x]
    return F.normalize(sum(joint.pool(trunk(v.contiguous(memory_format=torch.channels_last))) for v in views), dim=-1)


if __name__ == "__main__":
    folder, which = sys.argv[1:3]
    space = space_of(folder)
    names, px = photos(which)
    rows = lines(which + ".jsonl")
    images = torch.cat(
        [
            embed_photo(space, to_input(px[[names[r["image"]] for r in rows[i : i + 16]]]))
            for i in range(0, len(rows), 16)
        ]
    )
    texts = embed_texts(space[1], encode([clean(c) for r in rows for c in r["captions"]]), space[2])
    print(
        f"{len(rows)} photos, {len(texts)} captions: recall at 1/5/10 photo to text, text to photo",
        recall(images, texts, [i for i, r in enumerate(rows) for _ in r["captions"]]),
    )
