"""Count how often words and characters, and two and three of them in a row, occur in the corpus."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead.core import artifacts, params, stage
from stepahead.text.frequencies.stopwords import STOPWORDS
from stepahead.text.frequencies.zipf import first_tokens, gram_counts, named, thinned, zipf_exponent
from stepahead.text.tokens.normalization import NORMALIZATIONS, normalize_chunks
from stepahead.text.tokens.tokens import encoder

KINDS = ("word", "char")
FOLDER = Path("reports/frequencies")


@dataclass(frozen=True)
class Config:
    normalize: str = params.param("tokens.normalize", params.choice(*NORMALIZATIONS))


def main() -> None:
    config = params.load(Config)
    curves: dict[str, list[object]] = {"kind": [], "n": [], "rank": [], "count": []}
    ngrams: list[dict[str, Any]] = []
    for kind in KINDS:
        tokens = encoder(kind, ascii_only=config.normalize == "letters")
        text = normalize_chunks(artifacts.read_text_chunks(Path("data/corpus/corpus.txt")), config.normalize)
        ids, types = first_tokens(tokens.encode(text)), tokens.types
        for grams in gram_counts(ids, len(types)):
            ranks = thinned(len(grams.counts))
            curves["kind"] += [kind] * len(ranks)
            curves["n"] += [grams.n] * len(ranks)
            curves["rank"] += ranks.tolist()
            curves["count"] += grams.counts[ranks - 1].tolist()
            texts = [named(each, types, kind) for each in grams.first]
            ngrams.append(
                {
                    "kind": kind,
                    "n": grams.n,
                    "tokens": len(ids),
                    "distinct": len(grams.counts),
                    "possible": len(types) ** grams.n,
                    "exponent": zipf_exponent(grams.counts),
                    "most_frequent": texts,
                    "stopwords": [each for each in texts if each.lower() in STOPWORDS] if kind == "word" else [],
                }
            )
    artifacts.write_table(FOLDER / "curves.csv", curves)
    artifacts.write_json(FOLDER / "ngrams.json", ngrams)


if __name__ == "__main__":
    stage.run(main)
