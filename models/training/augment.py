"""Augmentation of [B,3,224,224] in [-1,1]: crop with aspect change (undoes some of the squash), flip, colour, erased
boxes."""

import numpy as np
import torch
import torch.nn.functional as F
from common import from_array


def crop(x, rng, low=0.55):
    b = len(x)
    s = rng.uniform(low, 1, b) ** 0.5
    r = np.exp(rng.uniform(-0.3, 0.3, b))
    w, h = np.minimum(1, s * r), np.minimum(1, s / r)
    theta = np.zeros((b, 2, 3), np.float32)
    theta[:, 0, 0], theta[:, 1, 1] = w, h
    theta[:, 0, 2], theta[:, 1, 2] = rng.uniform(-1, 1, b) * (1 - w), rng.uniform(-1, 1, b) * (1 - h)
    return F.grid_sample(
        x, F.affine_grid(from_array(theta), x.shape, align_corners=False), align_corners=False, padding_mode="border"
    )


def augment(x, rng):
    b = len(x)
    x = crop(x, rng, 0.45)
    flip = from_array(rng.random(b) < 0.5)
    x = torch.where(flip[:, None, None, None], x.flip(3), x)
    gain = from_array(rng.uniform(0.85, 1.15, (b, 3, 1, 1))).float()
    shift = from_array(rng.uniform(-0.1, 0.1, (b, 1, 1, 1))).float()
    # Colourfulness, one photo in ten grey; then a grey box of up to a third of each side over every fourth photo.
    colour = from_array(np.where(rng.random(b) < 0.1, 0, rng.uniform(0.6, 1.4, b))[:, None, None, None]).float()
    grey = x.mean(1, keepdim=True)
    x = ((grey + (x - grey) * colour) * gain + shift).clamp(-1, 1)
    return erase(x, rng).contiguous(memory_format=torch.channels_last)


def erase(x, rng, share=0.25):
    """A box of 15 to 35 % of each side, grey, over a `share` of the photos."""
    b, _, h, w = x.shape
    size = rng.uniform(0.15, 0.35, (2, b)) * (rng.random(b) < share)
    at = rng.uniform(0, 1, (2, b)) * (1 - size)
    rows, columns = (torch.arange(n)[None] / n for n in (h, w))
    low, high = from_array(at).float(), from_array(at + size).float()
    inside = ((rows >= low[0, :, None]) & (rows < high[0, :, None]))[:, :, None] & (
        (columns >= low[1, :, None]) & (columns < high[1, :, None])
    )[:, None]
    return x.masked_fill(inside[:, None], 0)
