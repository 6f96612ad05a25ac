"""What storing the weights in 8 bits costs: `python packing_loss.py` reads models/pocket and the checkpoints that it
was written from, encodes the held-out photos with both trunks and captions them with both families at the shipped
settings. Prints the cosines of the image embeddings and CIDEr-D with paired 95 % intervals; the iterative decoder on
the first 100 photos."""

import json
import os
import subprocess
import sys

import common
import numpy as np
import packed
import torch
import torch.nn.functional as F
from backbone import BATCH, to_input
from certainty import HERE, OPTIONS
from common import load, save, tokenizer
from compare_captions import interval, scores_of
from data import RUNS, clean, photos
from evaluate import captions, held_images
from joint import Joint
from nets import Trunk


def encode(folder, offset):
    """Fills `folder` with the held-out photos' grids and embeddings by its own trunk; the unit embeddings of photo and
    mirror image, [photos, D]."""
    common.RUNS = folder
    _, index = held_images()
    _, pixels = photos()
    state = load("coca-pixels")
    trunk = Trunk(state["kind"])
    trunk.load_state_dict(state["trunk"])
    trunk.eval()
    joint = Joint()
    joint.load_state_dict(load("joint")["joint"])
    joint.eval()
    # All rows have their place, as in the cache of the recipe; those of other photos stay empty and take no room.
    grids = np.lib.format.open_memmap(
        os.path.join(folder, "features-final.npy"), "w+", np.float16, (1, len(pixels), 49, 1280)
    )
    images = torch.zeros(2, len(pixels), 256)
    with torch.no_grad():
        for i in range(0, len(index), BATCH):
            rows = index[i : i + BATCH]
            x = to_input(pixels, rows)
            grid = trunk(x)
            grids[0, rows] = grid.cpu().numpy()
            for view, g in enumerate((grid, trunk(x.flip(3)))):
                images[view, rows] = F.normalize(joint.pool(g), dim=-1).cpu()
    grids.flush()
    save("embeddings", {"images": images, "offset": offset})
    return F.normalize(images[:, index].mean(0), dim=-1)


def scores(folder, name, options, net):
    common.RUNS = folder
    held, _ = held_images()
    limit = 100 if name == "iterative" else None
    tok = tokenizer()
    rows = captions(name, limit, **options, **({"net": net} if name != "iterative" else {}))
    return scores_of(held[:limit], {r["image"]: clean(tok.decode(c)) for r, c in zip(held, rows)})


def main():
    choices = json.load(open(os.path.join(HERE, "choices.json")))
    whole, small = os.path.join(RUNS, "unpacked"), os.path.join(RUNS, "packed")
    for folder in (whole, small):
        os.makedirs(folder, exist_ok=True)
    for name in ("joint", "coca-pixels", "lm", "memory", *(net.partition(":")[0] for net in choices["nets"].values())):
        link = os.path.join(whole, name + ".pt")
        if not os.path.exists(link):
            os.symlink(os.path.join(os.path.abspath(RUNS), name + ".pt"), link)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        if not os.path.exists(os.path.join(whole, file)):
            os.symlink(os.path.join(os.path.abspath(RUNS), file), os.path.join(whole, file))
    subprocess.run(
        [sys.executable, os.path.join(HERE, "resume.py")],
        env={**os.environ, "RUNS_DIR": small, "FORCE": "1"},
        check=True,
    )
    a = encode(whole, load("embeddings")["offset"])
    b = encode(small, packed.load(os.path.join(HERE, "../pocket/capdec.safetensors"))["offset"])
    cosines = (a * b).sum(1)
    print(
        f"cosine of image embeddings, unpacked and 8 bit: "
        f"{cosines.mean():.5f} on average, {cosines.min():.5f} at least",
        flush=True,
    )
    for name in ("iterative", *choices["nets"]):
        options = {mine: choices[name][k] for k, mine in OPTIONS.items() if k in choices[name]}
        x, y = scores(whole, name, options, choices["nets"].get(name)), scores(small, name, options, name)
        m, low, high = interval(y - x)
        print(
            f"{name}: CIDEr-D unpacked {x.mean():.4f}, 8 bit {y.mean():.4f}: {m:+.4f}, 95 % [{low:+.4f}, {high:+.4f}]",
            flush=True,
        )


if __name__ == "__main__":
    main()
