"""Figures of a ridge regression by NumPy, which ridge.test.ts compares with.

    python models/vectors/goldens/make.py

Needs NumPy. The pairs are made by a formula that the test has too; only the figures are kept, in ridge.json beside it.
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
