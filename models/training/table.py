"""The table of the card and of the README from the answers of `studio evaluate --json` (one file, or one for each decoder):
`python table.py val.json [more.json ...]`."""
import json, sys

TITLES = {'iterative': 'Iterative', 'clipcap': 'ClipCap', 'capdec': 'CapDec', 'decap': 'DeCap', 'coca': 'CoCa'}

if __name__ == '__main__':
    answers = [json.load(open(path)) for path in sys.argv[1:]]; decoders = {k: v for a in answers for k, v in a['decoders'].items()}
    assert len({a['familyHash'] for a in answers}) == 1, 'these answers are of different weights'
    print('| decoder | CIDEr-D | BLEU-4 | ROUGE-L | cosine | distinct captions | device ms a photo |\n|---|---|---|---|---|---|---|')
    for name, title in TITLES.items():
        if s := decoders.get(name):
            print(f"| {title} | {s['ciderD']:.3f} | {s['bleu4']:.3f} | {s['rougeL']:.3f} | {s['similarity']:.2f}{' (optimised)' if name == 'iterative' else ''} | {s['distinct']} | {s['msPerImage']:.0f} |")
