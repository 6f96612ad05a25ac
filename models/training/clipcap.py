"""Stage (c): ClipCap (arXiv 2111.09734): unit image embedding -> MLP -> 10 prefixes -> language model. Paired photos
and captions; loss as in prefix.py. A little noise (NOISE, its variance) against training photos' embeddings being
tighter than those of new ones."""

import os

import numpy as np
import torch
import torch.nn.functional as F
from common import from_array, load, seed
from data import flickr8k, photos
from prefix import held_set, new_decoder, train

if __name__ == "__main__":
    seed()
    e = load(os.environ.get("EMBEDDINGS", "embeddings"))
    names, _ = photos()
    rows, _ = flickr8k()
    index = np.array([names[r["image"]] for r in rows for _ in r["captions"]])
    noise = float(os.environ.get("NOISE", 0.0004))

    def sample(rng, n):
        i = rng.integers(len(index), size=n)
        views = from_array(rng.integers(e["images"].shape[0], size=(2, n)))
        x = e["images"][views, from_array(index[i])].mean(0)  # of two views, as the studio's is
        return F.normalize(x + torch.randn(x.shape) * noise**0.5, dim=-1), [e["f8"][k] for k in i]

    net, table = new_decoder(10, 384, 0.1)
    train(os.environ.get("OUT", "clipcap"), net, table, sample, held_set(e))
