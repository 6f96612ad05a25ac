"""The whole recipe, from photos and captions to the checkpoints that export.py writes: `python recipe.py` runs every
stage that has not been run yet, and goes on in the middle of one that was cut. `python recipe.py list` shows the
stages, `python recipe.py STAGE ...` runs only those (and what they need), where they were not run yet. SCALE (default
1) multiplies all numbers of steps. Each stage logs to runs/STAGE.log. A stage begins when those that it needs have
ended; at most JOBS run side by side (default 2; on a GPU 16), each with its share of THREADS."""

import json
import os
import shlex
import subprocess
import sys
import time

from data import RUNS

HERE = os.path.dirname(os.path.abspath(__file__))
SCALE = float(os.environ.get("SCALE", 1))
THREADS = int(os.environ.get("THREADS", 2))
VIEWS = "plain,flip,crop0,crop1,crop2,crop3"

# name of the stage (which writes NAME.pt unless its command says otherwise): its steps (None where it has none), its
# command with the settings before it, the stages it needs
STAGES = {
    "tokenizer": (None, "tokenizer.py", ()),
    "features-imagenet": (None, "VIEWS=plain,flip,crop0 backbone.py", ()),
    "lm": (3000, "lm.py", ("tokenizer",)),
    "text": (1200, "joint.py text", ("lm",)),
    "sentences": (None, "decap.py sentences", ("lm",)),
    "lm-coco": (150, "INIT=lm CORPUS=coco FREEZE_TABLE=1 LR=1e-3 MUON=0.005 OUT=lm-coco lm.py", ("lm",)),
    "sentences-coco": (None, "LM=lm-coco SAMPLED=20000 OUT=sentences-coco decap.py sentences", ("lm-coco",)),
    "joint-frozen": (300, "joint.py frozen", ("text", "features-imagenet")),
    "coca-frozen": (
        300,
        "BATCH=256 INIT=lm FEATURES=features-imagenet OUT=coca-frozen coca.py heads",
        ("joint-frozen",),
    ),
    "coca-pixels": (1200, "coca.py pixels", ("coca-frozen",)),
    "features-final": (None, f"VIEWS={VIEWS} backbone.py final", ("coca-pixels",)),
    "joint": (300, "joint.py final", ("features-final",)),
    "coca": (400, "BATCH=256 LR=3e-4 coca.py heads", ("features-final",)),
    "embeddings": (None, "joint.py embed", ("joint",)),
    "memory": (None, "decap.py memory", ("embeddings", "sentences", "sentences-coco")),
    "capdec": (1200, "SIBLING=0.5 VARIANCE=0.001 BATCH=256 capdec.py", ("embeddings",)),
    "decap": (1200, "SHARE=0.4,0.25,0.35 SIBLING=0.3 PROJECTED=0.5 BATCH=256 decap.py train", ("memory",)),
    "coca-scst": (200, "PHOTOS=64 INIT=coca selfcritical.py coca", ("coca", "embeddings")),
    "capdec-scst": (200, "PHOTOS=64 INIT=capdec:last selfcritical.py capdec", ("capdec",)),
    "clipcap-scst": (120, "PHOTOS=64 NOISE=0.003 LR=1e-4 INIT=capdec-scst selfcritical.py clipcap", ("capdec-scst",)),
    "decap-scst": (200, "SHARE=0.4,0.3,0.3 PHOTOS=64 INIT=decap:last selfcritical.py decap", ("decap", "memory")),
}
# What single parts do: nets that differ in that part alone, all trained short and alike (effects.py compares them); not
# needed for the family.
OWN = "SHARE=0.67,0.33"
TEXT = OWN + " SIBLING=0.5"
ABLATIONS = {
    "capdec-silent": (300, f"{TEXT} VARIANCE=1e-9 OUT=capdec-silent capdec.py", ("embeddings",)),
    "capdec-noise": (300, f"{TEXT} VARIANCE=0.001 OUT=capdec-noise capdec.py", ("embeddings",)),
    "capdec-loud": (300, f"{TEXT} VARIANCE=0.003 OUT=capdec-loud capdec.py", ("embeddings",)),
    "clipcap-tuned": (300, "NOISE=0.003 OUT=clipcap-tuned clipcap.py", ("embeddings",)),
    "clipcap-frozen": (300, "FREEZE_LM=1 NOISE=0.003 OUT=clipcap-frozen clipcap.py", ("embeddings",)),
    "coca-both": (300, "INIT=lm OUT=coca-both coca.py heads", ("features-final", "joint-frozen")),
    "coca-alone": (300, "INIT=lm CONTRASTIVE=0 OUT=coca-alone coca.py heads", ("features-final", "joint-frozen")),
    "joint-gap": (300, "GAP=1.5 FEATURES=features-final OUT=joint-gap joint.py frozen", ("features-final", "text")),
    "embeddings-gap": (None, "JOINT=joint-gap OUT=embeddings-gap joint.py embed", ("joint-gap",)),
    "capdec-gap-silent": (
        300,
        f"{TEXT} EMBEDDINGS=embeddings-gap VARIANCE=1e-9 OUT=capdec-gap-silent capdec.py",
        ("embeddings-gap",),
    ),
    "capdec-gap-noise": (
        300,
        f"{TEXT} EMBEDDINGS=embeddings-gap VARIANCE=0.001 OUT=capdec-gap-noise capdec.py",
        ("embeddings-gap",),
    ),
    "capdec-gap-loud": (
        300,
        f"{TEXT} EMBEDDINGS=embeddings-gap VARIANCE=0.003 OUT=capdec-gap-loud capdec.py",
        ("embeddings-gap",),
    ),
    # As in CapDec's paper, a caption is written from its own embedding: writing a sibling's half the time may do the
    # noise's work.
    "capdec-gap-own-silent": (
        300,
        f"{OWN} EMBEDDINGS=embeddings-gap VARIANCE=1e-9 OUT=capdec-gap-own-silent capdec.py",
        ("embeddings-gap",),
    ),
    "capdec-gap-own-noise": (
        300,
        f"{OWN} EMBEDDINGS=embeddings-gap VARIANCE=0.001 OUT=capdec-gap-own-noise capdec.py",
        ("embeddings-gap",),
    ),
    "capdec-gap-own-loud": (
        300,
        f"{OWN} EMBEDDINGS=embeddings-gap VARIANCE=0.01 OUT=capdec-gap-own-loud capdec.py",
        ("embeddings-gap",),
    ),
}
FILES = {
    "tokenizer": "tokenizer.json",
    "features-imagenet": "features-imagenet.npy",
    "features-final": "features-final.npy",
}


ALL = {**STAGES, **ABLATIONS}


def ended(name):
    return os.path.exists(os.path.join(RUNS, FILES.get(name, name + ".pt")))


def start(name, threads):
    """The stage as a process; its command is KEY=VALUE settings, then a file of this folder and its arguments."""
    steps, command, _ = ALL[name]
    words = shlex.split(command)
    settings = dict(w.split("=", 1) for w in words if "=" in w and not w.endswith(".py"))
    env = {
        **{k: v for k, v in os.environ.items() if k not in ("OUT", "INIT")},
        **settings,
        "THREADS": str(threads),
        "PYTHONUNBUFFERED": "1",
    }
    if steps:
        env["STEPS"] = str(max(1, round(steps * SCALE)))
    if name == "lm":
        env["TAIL"] = str(max(1, round(0.15 * steps * SCALE)))
    log = open(os.path.join(RUNS, name + ".log"), "a")
    print(time.strftime("%H:%M:%S"), name, f"{env.get('STEPS', '')} {command}".strip(), flush=True)
    return subprocess.Popen(
        [sys.executable, *(w for w in words if w not in {f"{k}={v}" for k, v in settings.items()})],
        cwd=HERE,
        env=env,
        stdout=log,
        stderr=subprocess.STDOUT,
    )


def needed(names):
    """`names` and all that they need, in the order of ALL."""
    wanted = set(names)
    for name in reversed(ALL):
        if name in wanted:
            wanted |= set(ALL[name][2])
    return [name for name in ALL if name in wanted]


def jobs():
    if "JOBS" in os.environ:
        return int(os.environ["JOBS"])
    from common import DEVICE

    return 2 if DEVICE == "cpu" else 16


def main(wanted):
    wanted = [n for w in wanted for n in (ABLATIONS if w == "ablations" else [w])]
    unknown = set(wanted) - set(ALL)
    if unknown:
        raise SystemExit(f"no stage {', '.join(sorted(unknown))}: `python recipe.py list` shows them")
    todo = [name for name in needed(wanted or STAGES) if not ended(name)]
    running, failed, most = {}, [], jobs()
    while todo or running:
        for name in [n for n in todo if all(map(ended, ALL[n][2])) and not set(ALL[n][2]) & set(running)][
            : most - len(running)
        ]:
            todo.remove(name)
            running[name] = start(name, max(1, THREADS // min(most, 1 + len(running)))), time.time()
        if not running:
            break
        time.sleep(0.2)
        for name, (process, begun) in list(running.items()):
            if process.poll() is None:
                continue
            del running[name]
            path = os.path.join(RUNS, name + ".metrics.json")
            if process.returncode:
                failed.append(name)
            print(
                time.strftime("%H:%M:%S"),
                f"{name} {'failed' if process.returncode else 'ended'} after {time.time() - begun:.0f} s",
                json.load(open(path)) if os.path.exists(path) else "",
                flush=True,
            )
    if failed:
        raise SystemExit(f"{', '.join(failed)} failed: see {RUNS}/{failed[0]}.log; run this command again to go on")


if __name__ == "__main__":
    if sys.argv[1:] == ["list"]:
        for name, (steps, command, needs) in ALL.items():
            print(
                f"{name}{' (done)' if ended(name) else ''}: {command}"
                f"{f', {round(steps * SCALE)} steps' if steps else ''}; "
                f"after {', '.join(needs) or 'nothing'}"
            )
    else:
        main(sys.argv[1:])
