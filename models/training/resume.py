"""Checkpoints of every stage from the shipped weights, so that training can go on without the runs that made them:
`python resume.py` reads models/pocket (or the folder named as its argument) and fills RUNS_DIR. The inverse of
export.py."""

import json
import os
import shutil
import sys

from common import RUNS, done, save
from nets import LM, CoCa, Prefix, Trunk
from packed import load as load_weights

SOURCE = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pocket")


def read(name):
    return load_weights(os.path.join(SOURCE, name + ".safetensors"))


def under(tensors, old, new=""):
    """The tensors whose key begins with `old`, that beginning replaced by `new`."""
    return {new + k[len(old) :]: v for k, v in tensors.items() if k.startswith(old)}


def checked(module, state):
    module.load_state_dict(state)  # every key, every shape
    return module.state_dict()


def main():
    from joint import Joint

    with open(os.path.join(SOURCE, "manifest.json")) as f:
        kind = json.load(f)["space"]["image"].get("trunk", "mobilenet-v2")
    for f in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(os.path.join(SOURCE, f), os.path.join(RUNS, f))
    lm, joint, coca = read("lm"), read("joint"), read("coca")
    lm = checked(LM(), {"wte.weight": lm.pop("lm.wte.weight"), **under(lm, "lm.", "gpt.")})
    save("lm", {"lm": lm})
    trunk = checked(Trunk(kind), under(joint, "image.trunk."))
    space = checked(
        Joint(),
        {
            **under(joint, "image.pool.", "pool."),
            **{
                ("text." if k.startswith("text.proj.") else "text.body.") + k[5:]: v
                for k, v in joint.items()
                if k.startswith("text.")
            },
            "logit_scale": joint["logit_scale"],
        },
    )
    teller = checked(CoCa(), {k.removeprefix("pool.").removeprefix("text."): v for k, v in coca.items()})
    save("joint", {"joint": space})
    save("coca", {"coca": teller})
    save("coca-pixels", {"kind": kind, "trunk": trunk, "joint": space, "coca": teller})
    for name, prefixes, hidden in (("clipcap", 10, 384), ("capdec", 10, 384), ("decap", 1, None)):
        t = read(name)
        mapper = under(t, "mapper.") if hidden else under(t, "mapper.fc.", "fc2.")
        net = checked(Prefix(prefixes, hidden), {**under(t, "lm.", "gpt."), **mapper})
        save(name, {"net": net, "last": net})
    with open(os.path.join(SOURCE, "decap-memory.txt")) as f:
        sentences = f.read().splitlines()
    save("memory", {"sentences": sentences, "embeddings": read("decap-memory")["embeddings"]})
    print("checkpoints in", RUNS)


if __name__ == "__main__":
    assert not done("joint") or os.environ.get("FORCE"), f"{RUNS} holds checkpoints already; FORCE=1 overwrites them"
    main()
