"""Figures of a ridge regression and of zero-shot labels by NumPy, which the tests beside compare with.

    python models/vectors/goldens/make.py

Needs NumPy. Inputs are made by formulas that the tests have too; only the figures are kept, in JSON files beside it.
"""

import json
from pathlib import Path

import numpy as np

pairs, wide, narrow = 60, 7, 5
x = np.array([[np.sin(1 + 7 * i + 3 * j + (i * j) % 11) for j in range(wide)] for i in range(pairs)])
y = np.array([[np.cos(2 + 5 * i + j * j + (i * j) % 7) + x[i, j] for j in range(narrow)] for i in range(pairs)])

centred, aims = x - x.mean(0), y - y.mean(0)
covariance = centred.T @ centred / pairs
figures = []
for penalty in [0.0, 0.03, 1.0]:
    punished = covariance + penalty * np.trace(covariance) / wide * np.eye(wide)
    weight = np.linalg.solve(punished, centred.T @ aims / pairs)
    bias = y.mean(0) - x.mean(0) @ weight
    figures.append({"lambda": penalty, "weight": weight.ravel().tolist(), "bias": bias.tolist()})
Path(__file__).with_name("ridge.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf8")

# Zero-shot labels: three labels of two prompts each, the mean of unit prompts, softmax of cosines over 0.05.
prompts = np.array([[[np.sin(3 * k + 5 * p + 2 * d + k * d) for d in range(6)] for p in range(2)] for k in range(3)])
photos = np.array([[np.cos(4 * n + 3 * d + n * d) for d in range(6)] for n in range(4)])


def unit(v):
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


labels = unit(unit(prompts).mean(1))
cosines = unit(photos) @ labels.T
weights = np.exp(cosines / 0.05)
shares = weights / weights.sum(1, keepdims=True)
Path(__file__).with_name("zero-shot.json").write_text(
    json.dumps({"cosines": cosines.tolist(), "shares": shares.tolist()}, indent=1) + "\n", encoding="utf8"
)
