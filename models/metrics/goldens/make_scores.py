"""Figures of diversity and of the paired bootstrap by NumPy and pycocoevalcap, which the tests beside compare with.

    python models/metrics/goldens/make_scores.py

Needs `pip install numpy pycocoevalcap`. The captions are ours, tokenised already; scores.json beside it has the
figures.
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np
from pycocoevalcap.bleu.bleu import Bleu

captions = {
    "a": ["a dog runs over wet grass", "a brown dog runs", "a dog runs over wet grass", "the animal is outside"],
    "b": ["two boats in a harbour", "two boats lie in a small harbour", "boats", "a harbour with two white boats"],
    "c": ["a red car", "a red car", "a red car", "a red car"],
}
systems = {
    "one": ["a dog runs on grass", "two boats", "a red car is parked", "a man holds a cup", "birds fly over a lake"],
    "two": ["a cat sits", "boats in a harbour", "a car", "a man with a cup of tea", "birds over the lake"],
}
references = [
    ["a brown dog runs on the grass", "a dog plays outside"],
    ["two boats in a harbour", "some boats lie in the water"],
    ["a red car is parked at a street", "a parked car"],
    ["a man holds a cup of tea", "a person with a mug"],
    ["birds fly over a lake", "a flock above the water"],
]


def grams(words, n):
    return [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]


def div(n):
    shares = []
    for texts in captions.values():
        words = [text.split() for text in texts]
        different = {gram for one in words for gram in grams(one, n)}
        shares.append(len(different) / (1e-6 + sum(map(len, words))))
    return float(np.mean(shares))


def m_bleu():
    passes = []
    for i in range(4):
        rest = {key: [text for j, text in enumerate(texts) if j != i] for key, texts in captions.items()}
        score, _ = Bleu(4).compute_score(rest, {key: [texts[i]] for key, texts in captions.items()}, verbose=0)
        passes.append(score)
    return np.mean(passes, 0).tolist()


def self_cider():
    documents = Counter()
    for texts in captions.values():
        documents.update({(n, gram) for text in texts for n in range(1, 5) for gram in grams(text.split(), n)})
    scores = []
    for texts in captions.values():
        vectors = []
        for text in texts:
            by_length = []
            for n in range(1, 5):
                counts = Counter(grams(text.split(), n))
                by_length.append({g: c * (np.log(len(captions)) - np.log(documents[n, g])) for g, c in counts.items()})
            vectors.append(by_length)
        kernel = np.zeros((len(texts), len(texts)))
        for i, one in enumerate(vectors):
            for j, other in enumerate(vectors):
                for mine, theirs in zip(one, other):
                    norm = np.sqrt(sum(w * w for w in mine.values()) * sum(w * w for w in theirs.values()))
                    if norm:
                        kernel[i, j] += sum(w * theirs.get(g, 0.0) for g, w in mine.items()) / norm / 4
        roots = np.sqrt(np.clip(np.linalg.eigvalsh(kernel), 0, None))
        scores.append(-np.log(roots[-1] / roots.sum()) / np.log(len(roots)) if roots.sum() else 0.0)
    return scores


class Mulberry:
    """The studio's own numbers at random (models/random.ts), so that the draws are the same."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x6D2B79F5) & 0xFFFFFFFF
        t = self.state
        t = ((t ^ (t >> 15)) * (t | 1)) & 0xFFFFFFFF
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & 0xFFFFFFFF)) & 0xFFFFFFFF
        return ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296


def bleu(texts, chosen):
    gts = {str(k): references[i] for k, i in enumerate(chosen)}
    return np.array(Bleu(4).compute_score(gts, {str(k): [texts[i]] for k, i in enumerate(chosen)}, verbose=0)[0])


def bootstrap(draws=200, seed=7):
    random = Mulberry(seed)
    count = len(references)
    lengths = {name: np.array([len(text.split()) for text in texts], float) for name, texts in systems.items()}
    sampled = {"bleu1": [], "bleu4": [], "length": []}
    for _ in range(draws):
        chosen = [int(random.next() * count) for _ in range(count)]
        one, two = (bleu(systems[name], chosen) for name in ("one", "two"))
        sampled["bleu1"].append(one[0] - two[0])
        sampled["bleu4"].append(one[3] - two[3])
        sampled["length"].append(float((lengths["one"] - lengths["two"])[chosen].mean()))
    figures = []
    for metric, values in sampled.items():
        values = np.array(values)
        contrary = min(int((values <= 0).sum()), int((values >= 0).sum()))
        figures.append(
            {
                "metric": metric,
                "low": float(np.quantile(values, 0.025)),
                "high": float(np.quantile(values, 0.975)),
                "p": min(1.0, 2 * (1 + contrary) / (draws + 1)),
            }
        )
    return figures


if __name__ == "__main__":
    out = {
        "captions": captions,
        "systems": systems,
        "references": references,
        "div1": div(1),
        "div2": div(2),
        "mBleu": m_bleu(),
        "selfCider": self_cider(),
        "bootstrap": bootstrap(),
    }
    Path(__file__).with_name("scores.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf8")
