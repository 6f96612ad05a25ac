"""Greedy and beam traces by full recomputation, on the first seed whose traces show what a cache must survive."""

import torch

BEAMS = 3
LONGEST = 18
# Every choice must be clear by this much, so that rounding cannot change a token.
MARGIN = 1e-3


class Unclear(Exception):
    pass


def ranked(scores: torch.Tensor, count: int) -> list[int]:
    values, order = scores.sort(descending=True, stable=True)
    if (values[:count] - values[1 : count + 1]).min() < MARGIN:
        raise Unclear
    return order[:count].tolist()


def greedy(logits, start: list[int], temperature: float) -> dict:
    """Runs until ten tokens have been seen; the next token that is new is declared the stop token."""
    tokens, log_probs, seen = list(start), [], set()
    while len(log_probs) < LONGEST:
        row = torch.log_softmax(logits(torch.tensor([tokens], dtype=torch.long))[0] / temperature, -1)
        token = ranked(row, 1)[0]
        tokens.append(token)
        log_probs.append(row[token].item())
        if len(seen) >= 10 and token not in seen:
            return {"tokens": tokens[len(start) :], "logProbs": log_probs}
        seen.add(token)
    raise Unclear


def beam(logits, start: list[int], stop: int, temperature: float) -> dict:
    """Every step ranks all beams' continuations by total log-probability; those that end leave, and the best others
    live on."""
    beams, steps, finished = [(list(start), 0.0)], [], []
    for _ in range(LONGEST):
        rows = torch.log_softmax(logits(torch.tensor([b[0] for b in beams], dtype=torch.long)) / temperature, -1)
        total = rows + torch.tensor([b[1] for b in beams])[:, None]
        size, grown = total.shape[1], []
        for index in ranked(total.flatten(), 2 * BEAMS):
            parent, token = divmod(index, size)
            entry = (beams[parent][0] + [token], total[parent, token].item(), parent)
            if token != stop:
                grown.append(entry)
            elif len(grown) < BEAMS:
                finished.append({"tokens": entry[0][len(start) :], "logProb": entry[1]})
        grown = grown[:BEAMS]
        steps.append(
            {"parents": [g[2] for g in grown], "tokens": [g[0][-1] for g in grown], "logProbs": [g[1] for g in grown]}
        )
        beams = [g[:2] for g in grown]
        if len(finished) >= 2:
            break
    return {"steps": steps, "finished": finished}


def traces(spec, load, start: list[int], temperature: float) -> dict:
    """`load(weights)` gives a function from token rows to the logits of their last position."""
    for seed in range(1, 500):
        deviations = spec.lively()
        logits = load(spec.weights(seed, deviations))
        try:
            one = greedy(logits, start, temperature)
            stop = one["tokens"][-1]
            many = beam(logits, start, stop, temperature)
        except Unclear:
            continue
        later = many["steps"][1:]
        evicted = any(len(set(step["parents"])) < BEAMS for step in later)
        moved = any(step["parents"] != sorted(step["parents"]) for step in later)
        tokens = {token for step in many["steps"] for token in step["tokens"]}
        if evicted and moved and many["finished"] and len(tokens) >= 10:
            return {
                "seed": seed,
                "deviations": deviations,
                "stop": stop,
                "start": start,
                "temperature": temperature,
                "beams": BEAMS,
                "greedy": one,
                "beam": many,
            }
    raise SystemExit("no seed gives a trace with ten tokens, a stop and an evicted beam")
