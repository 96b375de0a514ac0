"""Count how often words and characters, and two and three of them in a row, occur in the corpus."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead.core import artifacts, params, stage
from stepahead.text.frequencies.zipf import described, first_tokens, gram_counts, thinned
from stepahead.text.tokens.normalization import NORMALIZATIONS, normalize_chunks
from stepahead.text.tokens.tokens import encoder

KINDS = ("word", "char")
FOLDER = Path("reports/frequencies")


@dataclass(frozen=True)
class Config:
    normalize: str = params.param("tokens.normalize", params.choice(*NORMALIZATIONS))


def main() -> None:
    config = params.load(Config)
    curves, ngrams = list[tuple[str, int, int, int]](), list[dict[str, Any]]()
    for kind in KINDS:
        tokens = encoder(kind, ascii_only=config.normalize == "letters")
        text = normalize_chunks(artifacts.read_text_chunks(Path("data/corpus/corpus.txt")), config.normalize)
        ids, types = first_tokens(tokens.encode(text)), tokens.types
        for grams in gram_counts(ids, len(types)):
            ranks = thinned(len(grams.counts))
            rows = zip(ranks.tolist(), grams.counts[ranks - 1].tolist(), strict=True)
            curves += [(kind, grams.n, rank, count) for rank, count in rows]
            ngrams.append({"tokens": len(ids), **described(grams, types, kind)})
    columns = ("kind", "n", "rank", "count")
    artifacts.write_table(FOLDER / "curves.csv", {name: [row[i] for row in curves] for i, name in enumerate(columns)})
    artifacts.write_json(FOLDER / "ngrams.json", ngrams)


if __name__ == "__main__":
    stage.run(main)
