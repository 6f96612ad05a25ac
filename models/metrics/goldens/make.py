"""Asks the tokenizer of the COCO evaluation for its tokens of our hard strings, and of published texts where they are.

    python models/metrics/goldens/make.py

Needs Java and `pip install pycocoevalcap`, which brings the tokenizer (Stanford CoreNLP 3.4.1). Reads the strings from
ptb.json beside this file and writes what is answered back into it. The strings are ours: add more to the lists and run
it. `together` stand below each other in one file, as the evaluation writes captions; each of `alone` is a file. Of the
published texts in ../shared/data (theirs, so not in the repository) `published` has how many and the SHA-256 of their
words, one text a line.
"""

import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

import pycocoevalcap.tokenizer.ptbtokenizer as evaluation

golden = Path(__file__).with_name("ptb.json")
data = Path(__file__).parents[4] / "shared" / "data"
jar = Path(evaluation.__file__).with_name(evaluation.STANFORD_CORENLP_3_4_1_JAR)


def lines(text):
    """What the tokenizer answers to a file, called as the evaluation calls it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "text").write_text(text, encoding="utf8")
        command = ["java", "-Dfile.encoding=UTF-8", "-cp", jar, "edu.stanford.nlp.process.PTBTokenizer"]
        command += ["-preserveLines", "-lowerCase", "text"]
        ran = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return ran.stdout.decode("utf8").split("\n")


def words(line):
    """What the evaluation keeps of a line, as its BLEU and CIDEr count it."""
    return " ".join(word for word in line.rstrip().split(" ") if word not in evaluation.PUNCTUATIONS).split()


def published():
    """Captions by the name under which the test reads them."""
    for name in ["magic-flickr30k", "magic-mscoco"]:
        images = json.loads((data / "metrics" / f"{name}.json").read_text(encoding="utf8"))
        yield f"{name} references", [caption for image in images for caption in image["references"]]
        yield f"{name} prediction", [image["prediction"] for image in images]
    for name in ["coco-val2014", "flickr30k-train"]:
        rows = (data / "text" / f"{name}.jsonl").read_text(encoding="utf8").splitlines()
        captions = [caption for row in rows for caption in json.loads(row)["captions"]]
        yield f"{name} 5000", captions[:5000]
        yield f"{name} {len(captions)}", captions


def digest(texts):
    answered = lines("\n".join(text.replace("\n", " ") for text in texts))
    assert len(answered) == len(texts)
    return hashlib.sha256("\n".join(" ".join(words(line)) for line in answered).encode()).hexdigest()


def main():
    known = json.loads(golden.read_text(encoding="utf8"))
    together = [text for text, _ in known["together"]]
    alone = [text for text, _ in known["alone"]]
    answers = {
        "together": list(zip(together, map(" ".join, map(words, lines("\n".join(together)))), strict=True)),
        "alone": [(text, " ".join(words(lines(text)[0]))) for text in alone],
    }
    if data.exists():
        known["published"] = [[name, len(texts), digest(texts)] for name, texts in published()]
    answers["published"] = known["published"]
    parts = []
    for name, pairs in answers.items():
        rows = ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in pairs)
        parts.append(f'"{name}": [\n{rows}\n]')
    golden.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf8")


if __name__ == "__main__":
    main()
