"""What single parts do, with paired 95 % bootstrap intervals over the held-out photos: DeCap's projection, CapDec's offset, CoCa's ranking, the mirror image.
`python effects.py` uses the nets and settings of choices.json, trains nothing, and writes what it found there as `effects` (export.py copies
it to models/pocket/effects.json, which the page's help reads)."""
import json, os
from certainty import HERE, OPTIONS
from common import tokenizer
from compare_captions import interval, scores_of
from data import clean
from evaluate import captions, held_images

# Decoder, the studio's option that switches it, what it is, settings with and without it.
SWITCHES = (('decap', 'project', 'projection onto the memory', {}, {'projection': False}), ('capdec', 'useOffset', 'subtracting the modality offset', {}, {'offset': False}),
            ('coca', 'rerank', 'its contrastive half ranking the captions', {}, {'rerank': 0}),
            *((name, None, 'the mirror image in the embedding', {}, {'views': 1}) for name in ('clipcap', 'capdec', 'decap')))


def main():
    choices = json.load(open(os.path.join(HERE, 'choices.json'))); held, _ = held_images(); tok = tokenizer(); known = {}

    def scores(name, change):
        key = name, tuple(change.items())
        if key not in known:
            options = {'net': choices['nets'][name], **{mine: choices[name][k] for k, mine in OPTIONS.items() if k in choices[name]}, **change}
            known[key] = scores_of(held, {r['image']: clean(tok.decode(c)) for r, c in zip(held, captions(name, **options))})
        return known[key]

    found = []
    for name, option, what, on, off in SWITCHES:
        a, b = scores(name, on), scores(name, off); m, low, high = interval(a - b)
        print(f'{name}: {what}: CIDEr-D {b.mean():.4f} without, {a.mean():.4f} with: {m:+.4f}, 95 % [{low:+.4f}, {high:+.4f}]', flush=True)
        found.append({'decoder': name, **({'option': option} if option else {}), 'what': what, **{k: round(float(v), 3) for k, v in (('without', b.mean()), ('with', a.mean()), ('difference', m), ('low', low), ('high', high))}})
    choices['effects'] = {**choices.get('effects', {}), 'measured': f'CIDEr-D on {len(held)} held-out photos (models/training/effects.py)', 'effects': found}
    json.dump(choices, open(os.path.join(HERE, 'choices.json'), 'w'), indent=2)


if __name__ == '__main__': main()
