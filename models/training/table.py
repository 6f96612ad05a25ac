"""The table of the card and of the README from the answers of `studio evaluate --json` (one file, or one for each
decoder): `python table.py val.json [more.json ...]`."""

import json
import os
import sys

TITLES = {"iterative": "Iterative", "clipcap": "ClipCap", "capdec": "CapDec", "decap": "DeCap", "coca": "CoCa"}


def mark(name):
    """What the shipped settings do with the cosine that the table shows."""
    choices = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "choices.json")))[name]
    return (
        " (optimised)"
        if choices.get("search") in ("guided-beam", "magic")
        else " (ranked by it)"
        if choices.get("jointRerank")
        else ""
    )


if __name__ == "__main__":
    answers = [json.load(open(path)) for path in sys.argv[1:]]
    decoders = {k: v for a in answers for k, v in a["decoders"].items()}
    assert len({a["familyHash"] for a in answers}) == 1, "these answers are of different weights"
    print(
        "| decoder | CIDEr-D | BLEU-4 | ROUGE-L | cosine | distinct captions | device ms a photo |\n"
        "|---|---|---|---|---|---|---|"
    )
    for name, title in TITLES.items():
        if s := decoders.get(name):
            print(
                f"| {title} | {s['ciderD']:.3f} | {s['bleu4']:.3f} | {s['rougeL']:.3f} | "
                f"{s['similarity']:.2f}{mark(name)} | {s['distinct']} | {s['msPerImage']:.0f} |"
            )
