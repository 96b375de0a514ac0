"use strict";
// A trained network reads what is typed, one token at a time: the equations of stepahead/text/rnn and text/ngram again,
// in plain script. What is typed is only ever text: nothing here builds markup from it.
const living = (() => {
  // ── what the page holds ──
  const bytes = (base64) => {
    const text = atob(base64), found = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) found[i] = text.charCodeAt(i);
    return found;
  };
  const floats = (halves) => Float32Array.from(new Uint16Array(halves.buffer), (half) => {
    const exponent = (half >> 10) & 31, fraction = half & 1023;
    const size = exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24;
    return half >> 15 ? -size : size;
  });

  // ── text to tokens, as stepahead/text/tokens ──
  const WHITE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  const NORMALIZED = {
    letters: (text) => text.replace(/[^A-Za-z]+/g, " ").toLowerCase(),
    unicode: (text) => text.normalize("NFC").replace(new RegExp(`[${WHITE}]+`, "gu"), " "),
    none: (text) => text,
  };
  const WORDS = new RegExp(`[^${WHITE}]+`, "gu");
  const PIECES = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
  const own = (byte) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  const CHARACTERS = [...Array(256).keys()].map((byte, _, all) =>
    String.fromCharCode(own(byte) ? byte : 256 + all.slice(0, byte).filter((other) => !own(other)).length));

  const bytePairs = (text, merges) => {
    const ranks = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
    return (text.match(PIECES) ?? []).flatMap((piece) => {
      const tokens = Array.from(new TextEncoder().encode(piece), (byte) => CHARACTERS[byte]);
      for (;;) {
        const of = tokens.slice(1).map((token, i) => ranks.get(`${tokens[i]} ${token}`) ?? Infinity);
        const first = Math.min(...of, Infinity);
        if (first === Infinity) return tokens;
        const pair = merges[first].join("");
        for (let i = 0; i + 1 < tokens.length; i++) {
          if (tokens[i] === merges[first][0] && tokens[i + 1] === merges[first][1]) tokens.splice(i, 2, pair);
        }
      }
    });
  };

  const vocabulary = ({ tokens, kind, normalize, merges }) => {
    const index = new Map(tokens.map((token, i) => [token, i]));
    const split = {
      char: (text) => [...text],
      word: (text) => text.match(WORDS) ?? [],
      bpe: (text) => bytePairs(text, merges),
    }[kind];
    const written = (token) => {
      if (kind !== "bpe") return token;
      const codes = [...token].map((character) => CHARACTERS.indexOf(character));
      return codes.includes(-1) ? token : new TextDecoder().decode(Uint8Array.from(codes));
    };
    return {
      size: tokens.length,
      between: kind === "word" ? " " : "",
      shown: tokens.map(written),
      read: (text) => split(NORMALIZED[normalize](text)).map((token) => ({ id: index.get(token) ?? 0, text: written(token) })),
    };
  };

  // ── numbers ──
  const product = ({ values, rows, columns }, x) => {
    const y = new Float64Array(rows);
    for (let i = 0, at = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += values[at++] * x[j];
      y[i] = sum;
    }
    return y;
  };
  const column = ({ values, rows, columns }, j) => Float64Array.from({ length: rows }, (_, i) => values[i * columns + j]);
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const softmax = (logits) => {
    const top = logits.reduce((a, b) => Math.max(a, b)), weights = logits.map((logit) => Math.exp(logit - top));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  };

  // ── cells: what a layer makes of its input and its state; gates in the book's letters ──
  const CELLS = {
    rnn: (x, h, _, activation) => ({ H: x.map((a, i) => activation === "relu" ? Math.max(a + h[i], 0) : Math.tanh(a + h[i])) }),
    gru: (x, h, { H: before }) => {
      const n = before.length;
      const R = before.map((_, i) => sigmoid(x[i] + h[i])), Z = before.map((_, i) => sigmoid(x[n + i] + h[n + i]));
      const N = before.map((_, i) => Math.tanh(x[2 * n + i] + R[i] * h[2 * n + i]));
      return { R, Z, "H̃": N, H: before.map((old, i) => Z[i] * old + (1 - Z[i]) * N[i]) };
    },
    lstm: (x, h, { C: memory }) => {
      const n = memory.length, sum = (gate) => (_, i) => x[gate * n + i] + h[gate * n + i];
      const [I, F, O] = [0, 1, 3].map((gate) => memory.map(sum(gate)).map(sigmoid));
      const N = memory.map(sum(2)).map(Math.tanh), C = memory.map((old, i) => F[i] * old + I[i] * N[i]);
      return { I, F, O, "C̃": N, C, H: C.map((value, i) => O[i] * Math.tanh(value)) };
    },
  };
  CELLS.scratch = CELLS.rnn;
  CELLS.gru_reset = CELLS.gru_update = CELLS.gru;

  const network = (about) => {
    const values = floats(bytes(about.weights)), tensors = {};
    let place = 0;
    for (const [name, rows, columns] of about.tensors) {
      tensors[name] = { values: values.subarray(place, place += rows * columns), rows, columns };
    }
    const add = (y, { values: bias }) => y.map((value, i) => value + bias[i]);
    const logits = (hidden) => add(product(tensors[about.tied ? "embedding" : "weight"], hidden), tensors.bias);
    const zeros = () => new Float64Array(about.num_hiddens);
    const start = {
      layers: Array.from({ length: about.num_layers }, () => ({ H: zeros(), C: zeros() })),
      logits: logits(new Float64Array(about.num_hiddens * (about.readout === "all" ? about.num_layers : 1))),
    };
    const read = ({ layers: before }, id) => {
      const { embedding } = tensors;
      let input = embedding && embedding.values.subarray(id * embedding.columns, (id + 1) * embedding.columns);
      const layers = before.map((state, i) => {
        const fromInput = input ? product(tensors[`weight_ih_l${i}`], input) : column(tensors[`weight_ih_l${i}`], id);
        const x = add(fromInput, tensors[`bias_ih_l${i}`]);
        const h = add(product(tensors[`weight_hh_l${i}`], state.H), tensors[`bias_hh_l${i}`]);
        const after = CELLS[about.cell](x, h, state, about.activation);
        input = after.H;
        return after;
      });
      const hidden = about.readout === "all" ? layers.flatMap(({ H }) => [...H]) : input;
      return { layers, logits: logits(hidden) };
    };
    return { start, read, cell: about.cell, activation: about.activation, size: about.num_hiddens };
  };

  // how much the next token's distribution after `ids` changes without each of the last `reach` of them: half the sum
  // of the absolute differences; states[i] is the state before token i
  const influence = (model, states, ids, reach) => {
    const p = softmax(states[ids.length].logits), first = Math.max(ids.length - reach, 0);
    return Array.from({ length: ids.length - first }, (_, i) => {
      let state = states[first + i];
      for (const id of ids.slice(first + i + 1)) state = model.read(state, id);
      return softmax(state.logits).reduce((sum, q, token) => sum + Math.abs(q - p[token]), 0) / 2;
    });
  };

  // ── interpolated Kneser–Ney n-grams, counted here (stepahead/text/ngram says how) ──
  const discounts = (counts) => {
    const [n1, n2, n3, n4] = [1, 2, 3, 4].map((r) => counts.filter((count) => count === r).length);
    if (!(n1 && n2)) return [0.5, 0.5, 0.5];
    const y = n1 / (n1 + 2 * n2);
    const found = [1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3];
    return n3 && n4 && found.every((discount) => discount > 0) ? found : [y, y, y];
  };
  const ngram = (ids, order, size) => {
    const levels = Array.from({ length: order }, (_, length) => {
      const level = new Map(), met = new Set();
      for (let i = 0; i + length < ids.length; i++) {
        const history = ids.slice(i, i + length).join(), token = ids[i + length];
        const longer = `${i ? ids[i - 1] : "start"} ${history} ${token}`;
        if (length + 1 < order && met.has(longer)) continue;  // shorter n-grams count the different tokens before them
        met.add(longer);
        if (!level.has(history)) level.set(history, new Map());
        level.get(history).set(token, (level.get(history).get(token) ?? 0) + 1);
      }
      const off = discounts([...level.values()].flatMap((follow) => [...follow.values()]));
      return { level, off: (count) => off[Math.min(count, 3) - 1] };
    });
    return (before) => {
      let p = new Float64Array(size).fill(1 / size);
      levels.slice(0, before.length + 1).forEach(({ level, off }, length) => {
        const follow = level.get(before.slice(before.length - length).join());
        if (!follow) return;
        const counts = [...follow.values()], total = counts.reduce((a, b) => a + b);
        const freed = counts.reduce((sum, count) => sum + off(count), 0);
        p = p.map((lower) => lower * freed / total);
        follow.forEach((count, token) => { p[token] += (count - off(count)) / total; });
      });
      return p;
    };
  };

  // ── a continuation: greedy at temperature 0, else drawn by a small generator of its own (mulberry32) ──
  const random = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const chosen = (logits, temperature, draw) => {
    if (temperature === 0) return logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
    let left = draw();
    const p = softmax(logits.map((logit) => logit / temperature));
    const token = p.findIndex((share) => (left -= share) < 0);
    return token < 0 ? p.length - 1 : token;
  };
  const continuation = (model, state, length, temperature, seed) => {
    const draw = random(seed), ids = [];
    for (let i = 0; i < length; i++) {
      ids.push(chosen(state.logits, temperature, draw));
      state = model.read(state, ids[i]);
    }
    return ids;
  };

  return { bytes, vocabulary, softmax, network, influence, ngram, continuation };
})();
