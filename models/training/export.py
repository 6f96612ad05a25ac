"""Writes models/pocket: fp16 safetensors with the keys of docs/pocket-layout.md, DeCap's memory, tokenizer and manifest. A stage that
has not been trained yet is written with random weights, so that the layout can be built on early; METRICS names a JSON file of scores."""
import hashlib, json, os, shutil, sys
import torch
from safetensors.torch import save_file
from common import *
from data import BOS, EOS
from joint import Joint
from nets import D, HEADS, LAYERS, POS, V, CoCa, LM, Prefix, Trunk

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pocket')
CHOICES = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'choices.json')))
sha = lambda path: hashlib.sha256(open(path, 'rb').read()).hexdigest()


def likely(decoder):
    """The bound of `certainty.py`, where it was calibrated."""
    return {'likelyFrom': CHOICES['likelyFrom'][decoder]} if decoder in CHOICES.get('likelyFrom', {}) else {}


def state(name, key, fresh):
    """`name:last` is the last step of a run instead of the one with the best held-out loss."""
    name, _, which = name.partition(':')
    return load(name)[which or key] if done(name) else fresh().state_dict()


def write(name, tensors):
    for k, v in tensors.items(): assert torch.isfinite(v).all() and v.abs().max() < 65504, (name, k)
    save_file({k: v.detach().half().contiguous() for k, v in tensors.items()}, os.path.join(OUT, name))


def main():
    seed(); os.makedirs(OUT, exist_ok=True)
    lm_name = 'lm-flickr8k' if done('lm-flickr8k') else 'lm'
    body = lambda s, old, new: {new + k[len(old):]: v for k, v in s.items() if k.startswith(old)}
    lm = state(lm_name, 'lm', LM)
    write('lm.safetensors', {'lm.wte.weight': lm['wte.weight'], **body(lm, 'gpt.', 'lm.')})
    j = state('joint' if done('joint') else 'joint-frozen', 'joint', Joint)
    trunk = load('coca-pixels')['trunk'] if done('coca-pixels') else __import__('backbone').imagenet_trunk().state_dict()
    write('joint.safetensors', {**{'image.trunk.' + k: v for k, v in trunk.items()}, **body(j, 'pool.', 'image.pool.'), **body(j, 'text.body.', 'text.'), **body(j, 'text.proj.', 'text.proj.'), 'logit_scale': j['logit_scale']})
    for name, fresh in (('clipcap', lambda: Prefix(10, 384)), ('capdec', lambda: Prefix(10, 384)), ('decap', lambda: Prefix(1))):
        s = state(CHOICES['nets'][name], 'net', fresh); t = {**body(s, 'gpt.', 'lm.'), **(body(s, 'fc', 'mapper.fc') if name != 'decap' else body(s, 'fc2.', 'mapper.fc.'))}
        if name == 'capdec': t['offset'] = load('embeddings')['offset'] if done('embeddings') else torch.zeros(D)
        write(name + '.safetensors', t)
    c = state(CHOICES['nets']['coca'], 'coca', CoCa)
    write('coca.safetensors', {('pool.' if k.startswith(('contrast.', 'caption.')) else '' if k == 'logit_scale' else 'text.') + k: v for k, v in c.items()})
    m = load('memory') if done('memory') else {'sentences': [f'a small memory line {i}' for i in range(64)], 'embeddings': torch.nn.functional.normalize(torch.randn(64, D), dim=-1)}
    write('decap-memory.safetensors', {'embeddings': m['embeddings']})
    open(os.path.join(OUT, 'decap-memory.txt'), 'w').write('\n'.join(m['sentences']) + '\n')
    for f in ('tokenizer.json', 'tokenizer_config.json'): shutil.copy(os.path.join(RUNS, f), os.path.join(OUT, f))
    files = {'lm': 'lm.safetensors', 'joint': 'joint.safetensors', 'clipcap': 'clipcap.safetensors', 'capdec': 'capdec.safetensors', 'decap': 'decap.safetensors', 'decapMemory': 'decap-memory.safetensors', 'decapMemoryText': 'decap-memory.txt', 'coca': 'coca.safetensors', 'tokenizer': 'tokenizer.json'}
    manifest = {
        'family': 'pocket', 'version': '1',
        'space': {'name': 'pocket', 'dim': D, 'image': {'size': 224, 'fit': 'squash', 'filter': 'bicubic', 'scale': 'x/127.5-1', 'mirror': True}, 'text': {'context': POS, 'bos': BOS, 'eos': EOS}},
        'languageModel': {'layers': LAYERS, 'heads': HEADS, 'width': D, 'vocabulary': V, 'positions': POS, 'eos': EOS, 'bos': BOS},
        'files': {k: {'path': p, 'bytes': os.path.getsize(os.path.join(OUT, p)), 'sha256': sha(os.path.join(OUT, p))} for k, p in files.items()},
        'decoders': {
            'iterative': {'defaults': CHOICES['iterative'], **likely('iterative')},
            'clipcap': {'prefix': 10, 'defaults': CHOICES['clipcap'], **likely('clipcap')},
            'capdec': {'prefix': 10, 'noiseVariance': load(CHOICES['nets']['capdec'].partition(':')[0])['variance'] if done('capdec') else 0.0005, 'defaults': CHOICES['capdec'], **likely('capdec')},
            'decap': {'prefix': 1, 'memory': len(m['sentences']), 'temperature': CHOICES['decap']['tau'], 'defaults': CHOICES['decap'], **likely('decap')},
            'coca': {'imageTokens': 16, 'defaults': CHOICES['coca'], **likely('coca')},
        },
        'licence': 'Own terms, see LICENSE.md: research use (trained on Flickr8k photos, Flickr8k/30k and COCO captions); image trunk started from MobileNetV2 (Apache-2.0), see NOTICE',
        'trainedOn': 'Flickr8k train photos and captions (5,601 of 6,086; 485 held out for choices); captions of Flickr30k (train) and COCO val2014 for the language model; Flickr30k captions also for CapDec and DeCap; ImageNet through the MobileNetV2 start',
        'metrics': CHOICES['metrics'],
    }
    # Beside the manifest, not in it: new figures are no new weights.
    if 'effects' in CHOICES: open(os.path.join(OUT, 'effects.json'), 'w').write(json.dumps(CHOICES['effects'], indent=2) + '\n')
    for f in os.listdir(OUT): os.chmod(os.path.join(OUT, f), 0o644)
    json.dump(manifest, open(os.path.join(OUT, 'manifest.json'), 'w'), indent=2)
    sizes = {p: os.path.getsize(os.path.join(OUT, p)) for p in sorted(os.listdir(OUT))}
    print(sizes, sum(sizes.values()) / 1e6, 'MB'); assert sum(sizes.values()) < 64e6 and max(sizes.values()) < 25e6


if __name__ == '__main__':
    main()
