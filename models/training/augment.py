"""Augmentation of [B,3,224,224] in [-1,1]: crop with aspect change (undoes some of the squash), flip, mild colour."""
import numpy as np, torch, torch.nn.functional as F
from common import from_array


def crop(x, rng, low=0.55):
    b = len(x); s = rng.uniform(low, 1, b) ** 0.5; r = np.exp(rng.uniform(-0.3, 0.3, b))
    w, h = np.minimum(1, s * r), np.minimum(1, s / r)
    theta = np.zeros((b, 2, 3), np.float32); theta[:, 0, 0], theta[:, 1, 1] = w, h
    theta[:, 0, 2], theta[:, 1, 2] = rng.uniform(-1, 1, b) * (1 - w), rng.uniform(-1, 1, b) * (1 - h)
    return F.grid_sample(x, F.affine_grid(from_array(theta), x.shape, align_corners=False), align_corners=False, padding_mode='border')


def augment(x, rng):
    b = len(x); x = crop(x, rng)
    flip = from_array(rng.random(b) < 0.5)
    x = torch.where(flip[:, None, None, None], x.flip(3), x)
    gain = from_array(rng.uniform(0.85, 1.15, (b, 3, 1, 1))).float(); shift = from_array(rng.uniform(-0.1, 0.1, (b, 1, 1, 1))).float()
    return (x * gain + shift).clamp(-1, 1).contiguous(memory_format=torch.channels_last)
