"""Stage (b): language model on caption text. Loss: mean over tokens of -log p(w_t | <bos> w_<t), next-token cross entropy."""
import os, time
import torch, torch.nn.functional as F, random
from common import *
from data import flickr8k, text_groups, BOS, EOS
from nets import LM

def corpus():
    a, b = flickr8k(); g = text_groups(); tok = tokenizer()
    f8 = [c for r in a for c in r['captions']]
    train = f8 * 2 + [c for x in g['flickr30k'] for c in x] + [c for x in g['coco'] for c in x]
    return encode(train, tok), encode(f8, tok), encode([c for r in b for c in r['captions']], tok)

def batches(seqs, size, rng):
    order = list(range(len(seqs))); rng.shuffle(order)
    for i in range(0, len(order), size * 40):
        chunk = sorted(order[i:i + size * 40], key=lambda j: len(seqs[j]))
        bs = [chunk[k:k + size] for k in range(0, len(chunk), size)]
        rng.shuffle(bs)
        for b in bs:
            yield [seqs[j] for j in b]

def loss_of(model, seqs):
    x = pad([[BOS] + s + [EOS] for s in seqs])
    lengths = torch.tensor([len(s) + 1 for s in seqs])
    target = x[:, 1:].clone(); mask = torch.arange(target.shape[1]) < lengths[:, None]
    with bf16():
        h = model.gpt(model.wte(x[:, :-1]))
        logits = h[mask] @ model.wte.weight.T
    return F.cross_entropy(logits.float(), target[mask])

def main(seconds=float(os.environ.get("BUDGET", 600)), tail=float(os.environ.get('TAIL', 90))):
    seed(); train, f8, held = corpus(); print(len(train), 'sequences', flush=True)
    model = LM(); peak = 2e-3
    if os.environ.get('RESUME'):
        model.load_state_dict(load('lm')['lm']); peak = float(os.environ.get('PEAK', 1.4e-3)); model.wte.weight.requires_grad_(not os.environ.get('FREEZE_TABLE'))
    opt = adamw([model], peak); rng = random.Random(SEED); ema = EMA([model], 0.99)
    start = time.time(); step = 0
    while time.time() - start < seconds + tail:
        late = time.time() - start > seconds
        for seqs in batches(f8 if late else train, 256, rng):
            t = time.time() - start
            if t > seconds + tail or (not late and t > seconds): break
            frac = min(1, t / (seconds + tail))
            set_lr(opt, peak * min(1, (step + 1) / 60) * (0.03 + 0.97 * 0.5 * (1 + __import__('math').cos(3.14159 * frac))))
            loss = loss_of(model, seqs); opt.zero_grad(); loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); opt.step(); ema.update(); step += 1
            if step % 100 == 0: print(step, f'{t:.0f}s loss {loss.item():.3f}', flush=True)
    ema.swap(); model.eval()
    with torch.no_grad(): held_loss = sum(loss_of(model, held[i:i + 250]).item() for i in range(0, len(held), 250)) / len(range(0, len(held), 250))
    print('held-out perplexity', torch.tensor(held_loss).exp().item(), 'steps', step, flush=True)
    save(os.environ.get('OUT', 'lm'), {'lm': model.state_dict(), 'steps': step, 'perplexity': float(torch.tensor(held_loss).exp()), 'seconds': time.time() - start})
if __name__ == '__main__': main()
