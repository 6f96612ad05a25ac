"""How far seeds lie apart, from the answers of `studio evaluate --json`, one for each seed (and each on weights of its
own): `python seeds.py seed0.json seed1.json seed2.json` prints a row a decoder: each seed's CIDEr-D, their mean, sample
standard deviation and range, and the fewest distinct captions."""

import json
import statistics
import sys

from table import TITLES


def rows(answers):
    """(title, CIDEr-D of each seed, fewest distinct captions) of every decoder that all answers have."""
    for name, title in TITLES.items():
        found = [a["decoders"][name] for a in answers if name in a["decoders"]]
        if len(found) == len(answers):
            yield title, [s["ciderD"] for s in found], min(s["distinct"] for s in found)


if __name__ == "__main__":
    answers = [json.load(open(path)) for path in sys.argv[1:]]
    assert len(answers) > 1, "expected the answers of two seeds or more: seed0.json seed1.json ..."
    assert len({a["familyHash"] for a in answers}) == len(answers), "two of these answers are of the same weights"
    assert len({s["n"] for a in answers for s in a["decoders"].values()}) == 1, (
        "these answers are of different numbers of photos"
    )
    print(
        "| decoder | CIDEr-D of each seed | mean | standard deviation | highest - lowest | "
        "fewest distinct captions |\n|---|---|---|---|---|---|"
    )
    for title, scores, distinct in rows(answers):
        print(
            f"| {title} | {', '.join(f'{x:.3f}' for x in scores)} | {statistics.mean(scores):.3f} | "
            f"{statistics.stdev(scores):.3f} | {max(scores) - min(scores):.3f} | {distinct} |"
        )
