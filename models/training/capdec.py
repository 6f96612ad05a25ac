"""Stage (d): CapDec (arXiv 2211.00575): trained on text alone, e = normalise(text embedding + N(0, variance)), variance
> 0; at inference the photo's embedding takes the text's place. The modality offset (mean image - mean text) is
measured, not trained."""

import os

from common import load, seed
from prefix import held_set, new_decoder, text_sample, train

if __name__ == "__main__":
    seed()
    e = load(os.environ.get("EMBEDDINGS", "embeddings"))
    variance = float(os.environ.get("VARIANCE", 0.0005))
    assert variance > 0
    net, table = new_decoder(10, 384)
    held = held_set(e)
    train(os.environ.get("OUT", "capdec"), net, table, text_sample(e, variance), held, extra={"variance": variance})
