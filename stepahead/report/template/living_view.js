"use strict";
// The section that shows what a network makes of a text: draws what living.js computes.
(() => {
  const section = document.getElementById("living");
  const data = JSON.parse(document.getElementById("living-data").textContent);
  const find = (name) => section.querySelector(`[data-living="${name}"]`);
  const make = (tag, text = "", attributes = {}) => {
    const element = Object.assign(document.createElement(tag), { textContent: text });
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    return element;
  };
  const REACH = 40;  // tokens back whose influence is shown
  const BARS = 8;
  const ADDED = 60;  // tokens of a continuation
  const vocabulary = living.vocabulary(data.vocabulary);
  const networks = new Map();
  const ngram = data.counted && living.ngram([...new Uint16Array(living.bytes(data.counted.ids).buffer)], data.counted.order, vocabulary.size);

  let model, tokens = [], states = [];
  const signed = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
  const visible = (text) => text.replace(/ /g, "␣").replace(/\n/g, "⏎").replace(/\t/g, "⇥")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`) || "∅";

  const choose = () => {
    const name = find("network").value;
    if (!networks.has(name)) networks.set(name, living.network(data.networks[name]));
    model = networks.get(name);
    find("unit").max = model.size - 1;
    [tokens, states] = [[], [model.start]];
    readText();
  };

  // the states of what stays the same at the text's beginning are kept
  const readText = () => {
    const now = vocabulary.read(find("text").value);
    let same = 0;
    while (same < Math.min(now.length, tokens.length) && now[same].id === tokens[same].id) same++;
    states.length = same + 1;
    for (const { id } of now.slice(same)) states.push(model.read(states[states.length - 1], id));
    tokens = now;
    find("cursor").max = tokens.length;
    find("cursor").value = tokens.length;
    drawText();
    drawStates();
    look();
  };

  const bits = (i) => -Math.log2(living.softmax(states[i].logits)[tokens[i].id]);

  const drawText = () => {
    const each = tokens.map((token, i) => {
      const cost = bits(i), share = Math.round(Math.min(cost / 8, 1) * 70);
      const span = make("span", token.text + vocabulary.between, {
        style: `background: color-mix(in srgb, var(--test) ${share}%, transparent)`,
        title: `${visible(token.text)}: ${cost.toFixed(1)} bits`,
      });
      if (!token.id) span.className = "unknown";
      span.addEventListener("click", () => { find("cursor").value = i + 1; look(); });
      return span;
    });
    find("reading").replaceChildren(...each);
    const sum = tokens.reduce((total, _, i) => total + bits(i), 0), unknown = tokens.filter(({ id }) => !id).length;
    find("total").textContent = tokens.length
      ? `${tokens.length} tokens, ${(sum / tokens.length).toFixed(2)} bits each: a perplexity of ${(2 ** (sum / tokens.length)).toFixed(1)}.`
        + (unknown ? ` ${unknown} of them (underlined) the network does not know; it reads <unk>.` : "")
      : "Nothing to read: these models see nothing in this text.";
  };

  // (cells, tokens) from −1, in the colour of --train, to 1, in that of --test
  const paint = (canvas, columns) => {
    const style = getComputedStyle(section), rgb = (name) => {
      const hex = style.getPropertyValue(name).trim();
      return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    };
    const [paper, low, high] = [rgb("--paper"), rgb("--train"), rgb("--test")];
    canvas.width = Math.max(columns.length, 1);
    canvas.height = columns.length ? columns[0].length : 1;
    const image = new ImageData(canvas.width, canvas.height);
    columns.forEach((column, x) => column.forEach((value, y) => {
      const end = value < 0 ? low : high, share = Math.min(Math.abs(value), 1), at = 4 * (y * canvas.width + x);
      for (let c = 0; c < 3; c++) image.data[at + c] = paper[c] + share * (end[c] - paper[c]);
      image.data[at + 3] = 255;
    }));
    canvas.getContext("2d").putImageData(image, 0, 0);
  };
  const top = (state) => state.layers[state.layers.length - 1];
  const drawStates = () => paint(find("states"), states.slice(1).map((state) => top(state).H));

  // what follows depends on the token under the cursor: number `at`, from 1; 0 is before the first
  const look = () => {
    const at = find("cursor").valueAsNumber;
    [...find("reading").children].forEach((span, i) => span.classList.toggle("here", i + 1 === at));
    const read = at ? `after ${visible(tokens[at - 1].text)}` : "before the first token";
    find("cursor").setAttribute("aria-valuetext", read);
    find("where").textContent = at ? `${at}: ${visible(tokens[at - 1].text)}` : "0";
    find("states").parentElement.style.setProperty("--at", tokens.length ? (at - 0.5) / tokens.length : 0);
    drawNext(at);
    drawCell(at);
    clearTimeout(look.later);
    look.later = setTimeout(() => drawInfluence(at), 60);
  };

  const bar = (share) => {
    const cell = make("td", "", { class: "bar" });
    cell.append(make("span", "", { style: `width: ${(100 * share).toFixed(1)}%`, "aria-hidden": "true" }), `${(100 * share).toFixed(1)} %`);
    return cell;
  };
  const drawNext = (at) => {
    const p = living.softmax(states[at].logits), counted = ngram && ngram(tokens.slice(0, at).map(({ id }) => id));
    const best = [...p.keys()].sort((a, b) => p[b] - p[a]).slice(0, BARS);
    find("next").replaceChildren(...best.map((id) => {
      const row = make("tr");
      row.append(make("th", visible(vocabulary.shown[id]), { scope: "row" }), bar(p[id]), ...(counted ? [bar(counted[id])] : []));
      return row;
    }));
    find("said").textContent = `${at ? `After ${visible(tokens[at - 1].text)}` : "Before the first token"} the network expects `
      + `${visible(vocabulary.shown[best[0]])} (${(100 * p[best[0]]).toFixed(0)} %).`
      + (at < tokens.length ? ` ${visible(tokens[at].text)} follows: ${bits(at).toFixed(1)} bits.` : "");
  };

  const drawInfluence = (at) => {
    const ids = tokens.map(({ id }) => id), first = Math.max(at - REACH, 0);
    const changes = living.influence(model, states, ids.slice(0, at), REACH);
    find("influence").replaceChildren(...changes.map((change, i) => {
      const text = visible(tokens[first + i].text), percent = (100 * change).toFixed(0);
      const item = make("li", "", { title: `without ${text}: ${percent} % of the probability moves`, style: `--share: ${change}` });
      item.append(make("span", text), make("span", `${percent} %`, { class: "hidden" }));
      return item;
    }));
  };

  const EQUATIONS = {
    rnn: [["H", "tanh(X W_xh + H′ W_hh + b_h)"]],
    gru: [["R", "σ(X W_xr + H′ W_hr + b_r)"], ["Z", "σ(X W_xz + H′ W_hz + b_z)"],
      ["H̃", "tanh(X W_xh + R ⊙ (H′ W_hh) + b_h)"], ["H", "Z ⊙ H′ + (1 − Z) ⊙ H̃"]],
    lstm: [["I", "σ(X W_xi + H′ W_hi + b_i)"], ["F", "σ(X W_xf + H′ W_hf + b_f)"], ["O", "σ(X W_xo + H′ W_ho + b_o)"],
      ["C̃", "tanh(X W_xc + H′ W_hc + b_c)"], ["C", "F ⊙ C′ + I ⊙ C̃"], ["H", "O ⊙ tanh(C)"]],
  };
  EQUATIONS.scratch = EQUATIONS.rnn;
  EQUATIONS.gru_reset = EQUATIONS.gru_update = EQUATIONS.gru;
  const drawCell = (at) => {
    const unit = find("unit").valueAsNumber;
    const now = top(states[at]), before = top(states[Math.max(at - 1, 0)]);
    const known = model.cell === "lstm" ? [["H′", before.H], ["C′", before.C]] : [["H′", before.H]];
    find("cell-title").textContent = at ? `the step that reads ${visible(tokens[at - 1].text)}` : "before the first token: all zero";
    const rows = [...known.map(([name, values]) => [name, "from the step before", values]),
      ...(at ? EQUATIONS[model.cell].map(([name, formula]) =>
        [name, model.activation === "relu" ? formula.replace("tanh", "relu") : formula, now[name]]) : [])];
    find("cell").replaceChildren(...rows.map(([name, formula, values]) => {
      const row = make("tr"), strip = make("td"), canvas = make("canvas", "", { "aria-hidden": "true" });
      strip.append(canvas);
      paint(canvas, [...values].map((value) => [value]));
      const written = make("td");
      formula.split(/_([a-z]+)/).forEach((part, i) => written.append(i % 2 ? make("sub", part) : part));
      row.append(make("th", name, { scope: "row" }), written, make("td", signed(values[unit]), { class: "number" }), strip);
      return row;
    }));
  };

  const add = () => {
    const ids = living.continuation(model, states[tokens.length], ADDED, find("temperature").valueAsNumber, find("seed").valueAsNumber || 0);
    const { between, shown } = vocabulary, before = find("text").value;
    find("text").value = before + (before && between) + ids.map((id) => shown[id]).join(between);
    readText();
  };

  find("text").value = data.text;
  find("network").addEventListener("change", choose);
  find("text").addEventListener("input", readText);
  find("cursor").addEventListener("input", look);
  find("continue").addEventListener("click", add);
  ["unit", "temperature"].forEach((name) => find(name).addEventListener("input", () => {
    find(`${name}-value`).textContent = find(name).value;
    drawCell(find("cursor").valueAsNumber);
  }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { drawStates(); look(); });
  section.querySelector(".controls").hidden = false;
  choose();
  section.dataset.ready = "true";
})();
