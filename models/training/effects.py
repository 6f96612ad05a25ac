"""What single parts do, with paired 95 % bootstrap intervals over the held-out photos: DeCap's projection, CapDec's offset, the mirror image.
`python effects.py` uses the nets and settings of choices.json and trains nothing."""
import json, os
from certainty import HERE, OPTIONS
from common import tokenizer
from compare_captions import interval, scores_of
from data import clean
from evaluate import captions, held_images

SWITCHES = (('decap', 'projection onto the memory', {}, {'projection': False}), ('capdec', 'subtracting the modality offset', {}, {'offset': False}),
            *((name, 'the mirror image in the embedding', {}, {'views': 1}) for name in ('clipcap', 'capdec', 'decap')))


def main():
    choices = json.load(open(os.path.join(HERE, 'choices.json'))); held, _ = held_images(); tok = tokenizer(); known = {}

    def scores(name, change):
        key = name, tuple(change.items())
        if key not in known:
            options = {'net': choices['nets'][name], **{mine: choices[name][k] for k, mine in OPTIONS.items() if k in choices[name]}, **change}
            known[key] = scores_of(held, {r['image']: clean(tok.decode(c)) for r, c in zip(held, captions(name, **options))})
        return known[key]

    for name, what, on, off in SWITCHES:
        a, b = scores(name, on), scores(name, off); m, low, high = interval(a - b)
        print(f'{name}: {what}: CIDEr-D {b.mean():.4f} without, {a.mean():.4f} with: {m:+.4f}, 95 % [{low:+.4f}, {high:+.4f}]', flush=True)


if __name__ == '__main__': main()
