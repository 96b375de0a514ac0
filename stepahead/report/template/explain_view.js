"use strict";
// One forecast of a linear model from a chosen origin: what each lag adds to it, k steps ahead.
(() => {
  const data = JSON.parse(document.getElementById("explain-data").textContent);
  const section = document.getElementById("explain");
  const find = (name) => section.querySelector(`[data-explain="${name}"]`);
  const { values, dates, begin, reach, horizon, constants, weights } = data;  // values[0] is the one of time step `begin`
  const [origin, ahead, drawing] = ["origin", "k", "drawing"].map(find);
  const SVG = "http://www.w3.org/2000/svg", [WIDTH, HEIGHT, BEFORE] = [900, 240, Math.max(2 * reach, 40)];
  const at = (step) => values[step - begin];
  const named = (step) => dates?.[step - begin] ?? `step ${step}`;
  const forecast = (step, k) => weights[k - 1].reduce((sum, weight, i) => sum + weight * at(step - i), constants[k - 1]);
  const short = (value) => value.toPrecision(3).replace(/e\+?/, "e").replace("-", "−");

  const shape = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    return element;
  };

  const draw = () => {
    const [step, k] = [origin.valueAsNumber, ahead.valueAsNumber];
    const first = Math.max(step - BEFORE, begin), last = Math.min(step + horizon, begin + values.length - 1);
    const path = [[step, at(step)], ...Array.from({ length: horizon }, (_, i) => [step + i + 1, forecast(step, i + 1)])];
    const observed = Array.from({ length: last - first + 1 }, (_, i) => [first + i, at(first + i)]);
    const all = [...observed, ...path].map(([, value]) => value), low = Math.min(...all), high = Math.max(...all);
    const x = (t) => 10 + (t - first) / (step + horizon - first) * (WIDTH - 20);
    const y = (value) => HEIGHT - 10 - (value - low) / (high - low || 1) * (HEIGHT - 20);
    const line = (points) => points.map(([t, value]) => `${x(t).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const lags = Array.from({ length: reach }, (_, i) => [step - i, at(step - i)]);
    drawing.replaceChildren(
      shape("line", { x1: x(step), x2: x(step), y1: 0, y2: HEIGHT, class: "origin" }),
      shape("polyline", { points: line(observed), class: "observed" }),
      shape("polyline", { points: line(path), class: "forecast" }),
      ...lags.map(([t, value]) => shape("circle", { cx: x(t), cy: y(value), r: 4, class: "lag" })),
      shape("circle", { cx: x(step + k), cy: y(forecast(step, k)), r: 5, class: "target" }),
    );
    drawing.onclick = (event) => {
      const box = drawing.getBoundingClientRect(), share = ((event.clientX - box.left) / box.width * WIDTH - 10) / (WIDTH - 20);
      origin.value = Math.round(first + share * (step + horizon - first));
      draw();
    };
    find("origin-value").textContent = dates ? named(step) : step;
    find("k-value").textContent = k;
    const truth = step + k < begin + values.length ? at(step + k) : null;
    const found = forecast(step, k), moved = lags.reduce((sum, [, value], i) => sum + weights[k - 1][i] * value, 0);
    find("sum").textContent = `Time ${named(step + k)}: ${short(constants[k - 1])} (constant) + ${short(moved)} (lags) = `
      + `${short(found)}.${truth === null ? "" : ` Observed: ${short(truth)}, so the error is ${short(found - truth)}.`}`;
    find("lags").replaceChildren(...lags.map(([t, value], i) => {
      const row = document.createElement("tr"), weight = weights[k - 1][i];
      [`${i + 1} (${named(t)})`, short(value), short(weight), short(weight * value)].forEach((text, column) => {
        const cell = Object.assign(document.createElement(column ? "td" : "th"), { textContent: text });
        if (!column) cell.scope = "row";
        row.append(cell);
      });
      return row;
    }));
  };

  [origin, ahead].forEach((input) => input.addEventListener("input", draw));
  section.querySelector(".controls").hidden = false;
  draw();
  section.dataset.ready = "true";
})();
