"""Golden traces of the trained decoders, by PyTorch without caches: from the pixels of pictures that a formula draws to
tokens. `python models/decoders/goldens/make.py` writes traces.json; run it again after every change of the weights."""

import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
POCKET = os.path.join(HERE, "../../pocket")
sys.path.insert(0, os.path.join(HERE, "../../training"))
from nets import CoCa, ImagePool, Prefix, TextTower, Trunk  # noqa: E402
from packed import load  # noqa: E402

BOS, EOS = 1, 2


def picture(n, width=96, height=72):
    """Bands and a disc; the same numbers as in goldens.test.ts."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    disc = (x - 30 - 9 * n) ** 2 + (y - 36) ** 2 < (10 + 3 * n) ** 2
    bands = (x * (n + 1) + y * 3 + c * 40 + (y // (9 + n)) * 25) % 256
    return np.where(disc, (c * 70 + 60 * n + 30) % 256, bands).astype(np.uint8)


def read(name):
    return load(os.path.join(POCKET, name + ".safetensors"))


def fill(module, tensors, rename, ignore=()):
    state = {rename(k): v for k, v in tensors.items() if rename(k) is not None}
    missing, unexpected = module.load_state_dict(state, strict=False)
    assert not unexpected and not [k for k in missing if k not in ignore], (missing, unexpected)
    return module.eval()


def allowed(tokens, token, least, no_repeat):
    if token == EOS:
        return len(tokens) >= least
    if no_repeat and tokens and tokens[-1] == token:
        return False
    grams = {tuple(tokens[i : i + no_repeat]) for i in range(len(tokens) - no_repeat + 1)}
    return no_repeat < 2 or tuple(tokens[len(tokens) - no_repeat + 1 :] + [token]) not in grams


def greedy(logits_of, options):
    """Tokens and the sum of their log-probabilities, end token included."""
    tokens, total = [], 0.0
    while len(tokens) < options["maxTokens"]:
        logp = logits_of(tokens).log_softmax(-1)
        for token in logp.argsort(descending=True).tolist():
            if allowed(tokens, token, options["minTokens"], options["noRepeat"]):
                break
        total += logp[token].item()
        if token == EOS:
            break
        tokens.append(token)
    return {"tokens": tokens, "logProb": total}


def beam(logits_of, options, rankings):
    """Beam search with a list of finished captions; scores logProb / length^alpha with the end token counted. In the
    end the cosines of `rankings` (by the option that gives their weight) are added."""
    width, alpha = options["beam"], options["lengthPenalty"]
    live, done = [([], 0.0)], []
    for step in range(options["maxTokens"]):
        candidates = []
        for tokens, total in live:
            logp = logits_of(tokens).log_softmax(-1)
            top = logp.topk(max(2 * width + 2, 8))
            candidates += [
                (tokens + [t], total + p)
                for p, t in zip(top.values.tolist(), top.indices.tolist())
                if allowed(tokens, t, options["minTokens"], options["noRepeat"])
            ]
        candidates.sort(key=lambda c: -c[1])
        live = []
        for rank, (tokens, total) in enumerate(candidates):
            if tokens[-1] != EOS:
                live.append((tokens, total))
            elif rank < width or step == options["maxTokens"] - 1:
                done.append((total / len(tokens) ** alpha, tokens[:-1], total))
            if len(live) == width:
                break
        done = sorted(done, key=lambda d: -d[0])[:width]
        if not live or (len(done) == width and all(t / options["maxTokens"] ** alpha <= done[-1][0] for _, t in live)):
            break
    captions = [tokens for _, tokens, _ in done]
    for option, cosines_of in rankings.items():
        if options[option]:
            done = [
                (score + options[option] * cosine, *rest) for cosine, (score, *rest) in zip(cosines_of(captions), done)
            ]
    done = sorted(done, key=lambda d: -d[0])
    return {"tokens": done[0][1], "logProb": done[0][2]}


@torch.no_grad()
def main():
    manifest_bytes = open(os.path.join(POCKET, "manifest.json"), "rb").read()
    manifest = json.loads(manifest_bytes)
    joint, lm, coca = read("joint"), read("lm"), read("coca")
    table = lm["lm.wte.weight"]
    strip = lambda prefix: lambda k: k[len(prefix) :] if k.startswith(prefix) else None
    trunk = fill(Trunk(manifest["space"]["image"].get("trunk", "mobilenet-v2")), joint, strip("image.trunk."))
    pool = fill(ImagePool(), joint, strip("image.pool."))
    tower = fill(
        TextTower(),
        joint,
        lambda k: (
            "proj." + k[10:] if k.startswith("text.proj.") else "body." + k[5:] if k.startswith("text.") else None
        ),
    )

    def prefix_net(name, slots, hidden):
        def rename(k):
            if k.startswith("lm."):
                return "gpt." + k[3:]
            if k.startswith("mapper."):
                return k[7:].replace("fc.", "fc2.") if hidden is None else k[7:]
            return None

        return fill(Prefix(slots, hidden), read(name), rename)

    nets = {
        "clipcap": prefix_net("clipcap", 10, 384),
        "capdec": prefix_net("capdec", 10, 384),
        "decap": prefix_net("decap", 1, None),
    }

    def coca_key(k):
        return k[5:] if k.startswith(("pool.", "text.")) else k

    teller = fill(CoCa(), coca, coca_key)
    memory, offset = read("decap-memory")["embeddings"], read("capdec")["offset"]

    out = []
    for n in range(3):
        image = Image.fromarray(picture(n)).resize((224, 224), Image.BICUBIC)
        pixels = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        grid = trunk(pixels)
        raw = pool(grid)[0]
        if manifest["space"]["image"].get("mirror"):
            raw = (raw + pool(trunk(pixels.flip(3)))[0]) / 2
        unit = F.normalize(raw, dim=0)
        inputs = {"clipcap": unit, "capdec": unit, "decap": unit}
        if manifest["decoders"]["capdec"]["defaults"].get("useOffset"):
            inputs["capdec"] = F.normalize(unit - offset, dim=0)
        tau = manifest["decoders"]["decap"]["defaults"]["tau"]
        inputs["decap"] = F.normalize(torch.softmax(memory @ unit / tau, 0) @ memory, dim=0)
        tokens = teller.caption(grid)

        def coca_logits(words):
            ids = torch.tensor([[BOS] + words])
            x = table[ids] + teller.wpe.weight[: ids.shape[1]]
            for block in teller.blocks[:2]:
                x = block(x)
            for block in teller.blocks[2:]:
                x = block(x, tokens)
            return (teller.ln_f(x) @ table.T)[0, -1]

        def contrast(captions):
            image = F.normalize(teller.contrast(grid)[0, 0], dim=0)
            out = []
            for words in captions:
                x = (
                    torch.cat([table[torch.tensor([BOS] + words)], teller.cls[None]])[None]
                    + teller.wpe.weight[: len(words) + 2]
                )
                for block in teller.blocks[:2]:
                    x = block(x)
                out.append((F.normalize(teller.proj(teller.ln_cls(x[0, -1])), dim=0) @ image).item())
            return out

        def joint_cosines(captions):
            image = F.normalize(raw, dim=0)
            return [
                (
                    F.normalize(
                        tower(table[torch.tensor([[BOS] + words + [EOS]])], torch.tensor([len(words) + 1]))[0], dim=0
                    )
                    @ image
                ).item()
                for words in captions
            ]

        def prefix_logits(name):
            def run(words):
                net = nets[name]
                h = torch.tanh(net.fc1(inputs[name])) if net.fc1 is not None else inputs[name]
                slots = net.fc2(h).view(1, net.prefixes, -1)
                return (net.gpt(torch.cat([slots, table[torch.tensor([words], dtype=torch.long)]], 1)) @ table.T)[0, -1]

            return run

        speak = {**{name: prefix_logits(name) for name in nets}, "coca": coca_logits}
        options = lambda name: {
            "beam": 5,
            "lengthPenalty": 0.7,
            "maxTokens": 24,
            "minTokens": 3,
            "noRepeat": 2,
            "rerank": 0,
            "jointRerank": 0,
            **{
                k: v
                for k, v in manifest["decoders"][name]["defaults"].items()
                if k in ("beam", "lengthPenalty", "maxTokens", "minTokens", "noRepeat", "rerank", "jointRerank")
            },
        }
        out.append(
            {
                "embedding": raw.tolist(),
                "decoders": {
                    name: {
                        "greedy": greedy(f, options(name)),
                        "beam": beam(
                            f,
                            options(name),
                            {"jointRerank": joint_cosines, **({"rerank": contrast} if name == "coca" else {})},
                        ),
                    }
                    for name, f in speak.items()
                },
            }
        )
    with open(os.path.join(HERE, "traces.json"), "w") as file:
        json.dump(
            {"weights": {k: v["sha256"] for k, v in manifest["files"].items() if k != "selfCheck"}, "pictures": out},
            file,
        )
    print([{name: d["greedy"]["tokens"] for name, d in p["decoders"].items()} for p in out])


main()
