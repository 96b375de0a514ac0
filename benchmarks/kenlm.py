"""n-grams of a long text beside KenLM's: `python -m benchmarks.kenlm BIN`, the folder of its lmplz and query.

Both count the same letters, 100 MB of them, at order 6, and score the same million others. KenLM's programs come of its
source (`pip download --no-binary :all: kenlm`, then cmake and make: needs Boost). Goes to benchmarks/kenlm.json.

Both are interpolated modified Kneser-Ney without pruning. Lines are sentences to KenLM, which begin anew and have an
end, so its text has a million letters a line; we count through. No letter is rare enough to estimate the discounts of
order 1 from, so either side takes what it has for that.
"""

import re
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.clone import ROOT, machine, run
from benchmarks.scale import COUNT, N_CHARACTERS, ORDER, letters
from stepahead.core.artifacts import read_array_chunks, write_array, write_json

LINE = 1_000_000
MEMORY = "300M"
"""for KenLM's sorting, beyond which it uses the disk"""


def main() -> None:
    programs, where = Path(sys.argv[1]).resolve(), machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_array(folder / "ids.npy", "uint8", letters(N_CHARACTERS, seed=0))
        write_array(folder / "test.npy", "uint8", letters(LINE, seed=1))
        for part, n in (("ids", N_CHARACTERS), ("test", LINE)):
            with (folder / f"{part}.txt").open("wb") as file:
                for ids in read_array_chunks(folder / f"{part}.npy", range(n), LINE):
                    file.write(b" ".join(bytes([97 + i]) for i in ids.tolist()) + b"\n")
        arguments = map(str, (folder / "ids.npy", N_CHARACTERS, ORDER, folder / "test.npy"))
        cpu, mb, _, perplexity = map(float, run(sys.executable, "-c", COUNT, *arguments, cwd=ROOT).output.split())
        rows = {"ours": {"cpu": cpu, "mb": mb, "perplexity": perplexity}}
        options = f"-o {ORDER} -S {MEMORY} -T {folder} --discount_fallback --text ids.txt --arpa arpa"
        lmplz = run(str(programs / "lmplz"), *options.split(), cwd=folder)
        query = run("sh", "-c", f"{programs / 'query'} -n -v word arpa < test.txt 2> told", cwd=folder)
        # token by token: its own sum of a line is of single precision, and wrong by 0.2 % here
        log10 = [float(found) for found in re.findall(r"=\d+ \d+ (-?\d\S*)", query.output)]
        assert len(log10) == LINE
        perplexity = 10 ** -statistics.fmean(log10)
        rows["KenLM"] = {"cpu": lmplz.cpu, "mb": lmplz.memory, "perplexity": perplexity}
    print(rows)
    result = {"machine": where, "characters": N_CHARACTERS, "order": ORDER, "rows": rows}
    write_json(ROOT / "benchmarks/kenlm.json", result)


if __name__ == "__main__":
    main()
