"""The whole recipe, from photos and captions to the checkpoints that export.py writes: `python recipe.py` runs every stage that has not been
run yet, and goes on in the middle of one that was cut. `python recipe.py list` shows the stages, `python recipe.py STAGE ...` runs only
those, whether or not they have been run. SCALE (default 1) multiplies all numbers of steps. Each stage logs to runs/STAGE.log.
Stages of one group do not need each other and run side by side, each with its share of THREADS."""
import json, os, shlex, subprocess, sys, time
from data import RUNS

HERE = os.path.dirname(os.path.abspath(__file__)); SCALE = float(os.environ.get('SCALE', 1)); THREADS = int(os.environ.get('THREADS', 2))
VIEWS = 'plain,flip,crop0,crop1'

# name of the stage, its steps (None where it has none), its command with the settings before it, the file it writes
GROUPS = (
    (('tokenizer', None, 'tokenizer.py', 'tokenizer.json'),),
    (('features-imagenet', None, f'VIEWS={VIEWS} backbone.py', 'features-imagenet.npy'), ('lm', 1000, 'lm.py', 'lm.pt')),
    (('joint-frozen', 600, 'joint.py frozen', 'joint-frozen.pt'),),
    (('coca-frozen', 300, 'INIT=lm FEATURES=features-imagenet OUT=coca-frozen coca.py heads', 'coca-frozen.pt'),),
    (('coca-pixels', 400, 'coca.py pixels', 'coca-pixels.pt'),),
    (('features-final', None, f'VIEWS={VIEWS} backbone.py final', 'features-final.npy'), ('sentences', None, 'decap.py sentences', 'sentences.pt')),
    (('joint', 300, 'joint.py final', 'joint.pt'), ('coca', 500, 'coca.py heads', 'coca.pt')),
    (('embeddings', None, 'joint.py embed', 'embeddings.pt'), ('memory', None, 'decap.py memory', 'memory.pt')),
    (('clipcap', 700, 'NOISE=0.001 clipcap.py', 'clipcap.pt'), ('capdec', 700, 'SHARE=0.6 SIBLING=0.5 VARIANCE=0.001 capdec.py', 'capdec.pt')),
    (('decap', 600, 'SHARE=0.6 decap.py train', 'decap.pt'), ('clipcap-scst', 150, 'INIT=clipcap selfcritical.py clipcap', 'clipcap-scst.pt')),
    (('decap-scst', 150, 'INIT=decap selfcritical.py decap', 'decap-scst.pt'), ('coca-scst', 150, 'INIT=coca selfcritical.py coca', 'coca-scst.pt')),
)


def ended(file):
    return os.path.exists(os.path.join(RUNS, file))


def start(name, steps, command, threads):
    """The stage as a process; `command` is KEY=VALUE settings, then a file of this folder and its arguments."""
    words = shlex.split(command); settings = dict(w.split('=', 1) for w in words if '=' in w and not w.endswith('.py'))
    env = {**settings, **os.environ, **settings, 'THREADS': str(threads), 'PYTHONUNBUFFERED': '1'}
    if steps: env['STEPS'] = str(max(1, round(steps * SCALE)))
    if name == 'lm': env['TAIL'] = str(max(1, round(0.15 * steps * SCALE)))
    log = open(os.path.join(RUNS, name + '.log'), 'a')
    print(time.strftime('%H:%M:%S'), name, f"{env.get('STEPS', '')} {command}".strip(), flush=True)
    return subprocess.Popen([sys.executable, *(w for w in words if w not in {f'{k}={v}' for k, v in settings.items()})], cwd=HERE, env=env, stdout=log, stderr=subprocess.STDOUT)


def main(wanted):
    unknown = set(wanted) - {name for group in GROUPS for name, *_ in group}
    if unknown: raise SystemExit(f'no stage {", ".join(sorted(unknown))}: `python recipe.py list` shows them')
    for group in GROUPS:
        todo = [s for s in group if s[0] in wanted or (not wanted and not ended(s[3]))]
        begun = time.time(); running = [(name, start(name, steps, command, max(1, THREADS // len(todo)))) for name, steps, command, _ in todo]
        failed = [name for name, process in running if process.wait() != 0]
        if failed: raise SystemExit(f'{", ".join(failed)} failed: see {RUNS}/{failed[0]}.log; run this command again to go on')
        for name, *_ in todo:
            path = os.path.join(RUNS, name + '.metrics.json')
            print(f'{time.time() - begun:.0f} s', name, json.load(open(path)) if os.path.exists(path) else '', flush=True)


if __name__ == '__main__':
    if sys.argv[1:] == ['list']:
        for group in GROUPS: print(' | '.join(f'{name}{" (done)" if ended(file) else ""}: {command}{f", {round(steps * SCALE)} steps" if steps else ""}' for name, steps, command, file in group))
    else: main(sys.argv[1:])
