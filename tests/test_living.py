"""The networks at work on the page: what its script computes is what Python computes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stepahead.core import artifacts
from stepahead.text.ngram.file import read_ngram
from stepahead.text.rnn.neural import NeuralLM, load_network
from stepahead.text.scoring.generation import generate
from stepahead.text.tokens.bpe import token_types, train_merges
from stepahead.text.tokens.vocab import Vocabulary
from tests.browser import HOSTILE, Opened
from tests.project import Project

TEXT = "the tide clock said it was late, and nobody came"
TEXTS = [
    TEXT,
    "",
    "  A\u00a0b\n\tC ",
    "don't we'll  22 cats!?",
    "naïve cafe\u0301 时间 🙂👩‍👩‍👧 \u0085x\ufeffy",
    "\x1c\x1fa",
]


@pytest.fixture(scope="module")
def opened(browser: Any, finished: Project) -> Iterator[Opened]:
    opened = Opened(browser, finished.folder / "reports/index.html", "#living[data-ready]")
    yield opened
    opened.page.context.close()


@pytest.fixture(scope="module")
def vocabulary(finished: Project) -> Vocabulary:
    return Vocabulary(**finished.json("data/vocab/vocab.json"))


def rounded(path: Path) -> NeuralLM:
    """The first network in a file with its weights as float16 has them."""
    tensors, about = artifacts.read_tensors(path)
    halves = {name: weight[0].astype("<f2").astype(np.float32) for name, weight in tensors.items()}
    return NeuralLM(load_network(halves, about, torch.device("cpu")), torch.device("cpu"))


def choices(opened: Opened) -> list[str]:
    return list(opened.page.locator("[data-living=network] option").all_text_contents())


def test_every_network_of_the_run_has_the_logits_and_continuations_of_python(
    opened: Opened, finished: Project, vocabulary: Vocabulary
) -> None:
    assert choices(opened) == ["gru", "lstm", "rnn"]
    ids = vocabulary.encode_text(TEXT)
    for name in choices(opened):
        model = rounded(finished.folder / f"models/text/rnn/{name}.safetensors")
        found = opened.page.evaluate(
            """([name, ids]) => {
              const { networks } = JSON.parse(document.getElementById("living-data").textContent);
              const model = living.network(networks[name]);
              const state = ids.reduce(model.read, model.start);
              return [[...model.start.logits], [...state.logits], living.continuation(model, state, 60, 0, 0)];
            }""",
            [name, ids.tolist()],
        )
        after = model.advance(model.start(), ids)
        np.testing.assert_allclose(found[0], model.start().logits, atol=1e-3)
        np.testing.assert_allclose(found[1], after.logits, atol=1e-3)
        assert found[2] == list(generate(model, ids, 60, 0, None, np.random.default_rng(0)))


def test_a_continuation_is_drawn_at_its_temperature_and_again_from_its_seed(opened: Opened) -> None:
    """The first tokens of 4000 seeds, beside the probabilities they are drawn with."""
    drawn, again, expected = opened.page.evaluate(
        """() => {
          const model = living.network(JSON.parse(document.getElementById("living-data").textContent).networks.gru);
          const draw = (seed) => living.continuation(model, model.start, 3, 0.7, seed).join();
          const first = (seed) => living.continuation(model, model.start, 1, 0.7, seed)[0];
          const share = new Array(model.start.logits.length).fill(0);
          for (let seed = 0; seed < 4000; seed++) share[first(seed)] += 1 / 4000;
          const cooler = living.softmax(model.start.logits.map((logit) => logit / 0.7));
          return [share, [draw(1) === draw(1), draw(1) === draw(2)], [...cooler]];
        }"""
    )
    np.testing.assert_allclose(drawn, expected, atol=0.03)
    assert again == [True, False]


def test_the_n_gram_counted_on_the_page_is_the_one_that_was_trained(
    opened: Opened, finished: Project, vocabulary: Vocabulary
) -> None:
    model = read_ngram(*artifacts.read_tensors(finished.folder / "models/text/ngram/ngram_6.safetensors"))
    for text in ("", "t", "the ti", TEXT, "zzxqj"):
        ids = vocabulary.encode_text(text)
        found = opened.page.evaluate(
            """(ids) => {
              const { counted, vocabulary } = JSON.parse(document.getElementById("living-data").textContent);
              const train = [...new Uint16Array(living.bytes(counted.ids).buffer)];
              return [...living.ngram(train, counted.order, vocabulary.tokens.length)(ids)];
            }""",
            ids.tolist(),
        )
        np.testing.assert_allclose(found, np.exp(model.log_probs(model.advance(model.start(), ids))), rtol=1e-9)


@pytest.mark.parametrize("normalize", ["letters", "unicode", "none"])
@pytest.mark.parametrize("kind", ["char", "word", "bpe"])
def test_text_becomes_the_same_tokens(kind: str, normalize: str, opened: Opened) -> None:
    merges = train_merges(TEXTS * 3, 300) if kind == "bpe" else []
    known = token_types(merges) if kind == "bpe" else [*"abcdehinst o", "the", "tide", "late,", "cats!?"]
    vocabulary = Vocabulary(["<unk>", *dict.fromkeys(known)], kind, normalize, merges)
    about = {"tokens": vocabulary.tokens, "kind": kind, "normalize": normalize, "merges": merges}
    for text in TEXTS:
        found = opened.page.evaluate(
            "([about, text]) => living.vocabulary(about).read(text).map(({ id }) => id)", [about, text]
        )
        assert found == vocabulary.encode_text(text).tolist(), text


def test_leaving_out_a_token_that_changes_nothing_has_no_influence(opened: Opened) -> None:
    """A network that only sees its last token: its recurrent weights are zero."""
    found = opened.page.evaluate(
        """() => {
          const about = JSON.parse(document.getElementById("living-data").textContent).networks.rnn;
          const place = about.tensors.findIndex(([name]) => name === "weight_hh_l0");
          const before = about.tensors.slice(0, place).reduce((sum, [, rows, columns]) => sum + rows * columns, 0);
          const [, rows, columns] = about.tensors[place];
          const bytes = living.bytes(about.weights).fill(0, 2 * before, 2 * (before + rows * columns));
          const weights = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
          const model = living.network({ ...about, weights });
          const ids = [3, 4, 5, 6], states = [model.start];
          ids.forEach((id) => states.push(model.read(states[states.length - 1], id)));
          return living.influence(model, states, ids, 40);
        }"""
    )
    assert found[:3] == [0, 0, 0]
    assert 0.01 < found[3] <= 1


def test_the_cell_adds_up_and_the_cursor_moves_by_the_keyboard(opened: Opened) -> None:
    page = opened.page
    page.locator("[data-living=text]").fill(TEXT)
    cursor = page.locator("[data-living=cursor]")
    cursor.press("Home")
    assert page.locator("[data-living=said]").inner_text().startswith("Before the first token")
    for name, gates in {"gru": "H′ R Z H̃ H", "lstm": "H′ C′ I F O C̃ C H", "rnn": "H′ H"}.items():
        page.locator("[data-living=network]").select_option(name)
        cursor.press("Home")
        cursor.press("ArrowRight")
        cursor.press("ArrowRight")
        assert cursor.get_attribute("aria-valuetext") == "after h"
        rows = page.locator("[data-living=cell] tr")
        assert " ".join(rows.locator("th").all_inner_texts()) == gates
        value = {
            row.locator("th").inner_text(): float(row.locator("td").nth(1).inner_text().replace("−", "-"))
            for row in rows.all()
        }
        if name == "gru":
            expected = value["Z"] * value["H′"] + (1 - value["Z"]) * value["H̃"]
            assert value["H"] == pytest.approx(expected, abs=0.02)
        if name == "lstm":
            assert value["C"] == pytest.approx(value["F"] * value["C′"] + value["I"] * value["C̃"], abs=0.02)
            assert value["H"] == pytest.approx(value["O"] * np.tanh(value["C"]), abs=0.02)


def test_what_is_typed_stays_text(opened: Opened) -> None:
    page = opened.page
    page.locator("[data-living=text]").fill(HOSTILE)
    assert page.locator("[data-living=reading] *:not(span)").count() == 0
    page.locator("[data-living=text]").fill("")
    assert "Nothing to read" in page.locator("[data-living=total]").inner_text()
    page.locator("[data-living=text]").fill("the ti")
    before = page.locator("[data-living=text]").input_value()
    page.locator("[data-living=continue]").press("Enter")
    after = page.locator("[data-living=text]").input_value()
    assert after.startswith(before)
    assert len(after) == len(before) + 60
    assert page.title() != "owned"
    assert opened.complaints == []
    assert opened.requests == [opened.address]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_it_fits_and_every_control_has_a_label(width: int, theme: str, browser: Any, finished: Project) -> None:
    page = finished.folder / "reports/index.html"
    opened = Opened(browser, page, "#living[data-ready]", viewport={"width": width, "height": 800}, color_scheme=theme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    unnamed = opened.page.eval_on_selector_all(
        "#living select, #living textarea, #living input", "all => all.filter((each) => !each.labels.length).length"
    )
    assert unnamed == 0
    opened.page.context.close()


def test_the_page_stays_small(finished: Project) -> None:
    assert (finished.folder / "reports/index.html").stat().st_size < 3_500_000
