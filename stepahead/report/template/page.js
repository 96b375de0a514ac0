"use strict";
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);

  // the page holds tables in columns, which is short; Vega takes rows
  const rows = (columns) => {
    const names = Object.keys(columns);
    return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
  };

  const short = (value) =>
    typeof value === "number" ? value.toLocaleString("en", Number.isInteger(value) ? {} : { maximumSignificantDigits: 4 }) : value;

  // where the pointer is, then the value of every line shown, from the highest to the lowest
  const tooltip = (heads, hidden) => (row, escape) => {
    const known = Object.entries(row).filter(([name, value]) => value !== null && !(name in heads));
    const values = known.filter(([name, value]) => typeof value === "number" && !hidden().includes(name));
    const places = Object.entries(heads).map(([name, title]) => [title, row[name]]);
    const lines = [...places, ...values.sort(([, a], [, b]) => b - a)];
    const cells = lines.map(([name, value]) =>
      `<tr><td class="key">${escape(name)}</td><td class="value">${escape(short(value))}</td></tr>`);
    return `<table><tbody>${cells.join("")}</tbody></table>`;
  };

  const connect = (figure, view, columns, line, dates) => {
    const controls = figure.querySelector(".controls");
    const boxes = [...controls.querySelectorAll("[data-line]")];
    const sliders = [...controls.querySelectorAll("input[data-signal]")];
    const set = (name, value) => view.signal(name, value).runAsync();

    const showLines = () => set("hidden", boxes.filter((box) => !box.checked).map((box) => box.dataset.line));
    boxes.forEach((box) => box.addEventListener("change", showLines));
    controls.querySelectorAll("[data-all]").forEach((button) =>
      button.addEventListener("click", () => {
        boxes.forEach((box) => { box.checked = button.dataset.all === "true"; });
        showLines();
      }));

    controls.querySelectorAll("select").forEach((choice) => {
      const choose = () => {
        if (line) {  // lines that this choice does not have are not listed
          const column = columns[choice.dataset.choice];
          const known = new Set(columns[line].filter((_, i) => column[i] === choice.value));
          boxes.forEach((box) => { box.parentElement.hidden = !known.has(box.dataset.line); });
        }
        return set("choice", choice.value);
      };
      choice.addEventListener("change", choose);
      choose();  // a browser that reloads a page may keep what was chosen
    });

    const slider = (name) => sliders.find((each) => each.dataset.signal === name);
    const apply = (input) => {
      const values = input.dataset.values && JSON.parse(input.dataset.values);
      const value = values ? values[input.valueAsNumber] : input.valueAsNumber;
      const shown = dates && !values ? dates[value - input.min] : value;
      input.parentElement.querySelector("output").textContent = shown;
      input.setAttribute("aria-valuetext", shown);
      return set(input.dataset.signal, value);
    };
    sliders.forEach((input) => input.addEventListener("input", () => {
      // a range of steps that is empty shows nothing: push the other end along
      const [from, to] = [slider("from"), slider("to")];
      if (input === from && from.valueAsNumber >= to.valueAsNumber) {
        to.value = from.valueAsNumber + 1;
        if (from.valueAsNumber >= to.valueAsNumber) from.value = to.valueAsNumber - 1;
        apply(to);
      }
      if (input === to && to.valueAsNumber <= from.valueAsNumber) {
        from.value = to.valueAsNumber - 1;
        if (to.valueAsNumber <= from.valueAsNumber) to.value = from.valueAsNumber + 1;
        apply(from);
      }
      apply(input);
    }));
    controls.hidden = false;
    showLines();
    sliders.forEach(apply);
  };

  // one chart after the other, so that the first is there soon
  const draw = async () => {
    for (const chart of document.querySelectorAll("[data-chart]")) {
      const { spec, columns, heads, line } = page.charts[chart.dataset.chart];
      let view;
      const options = {
        actions: false,
        renderer: "svg",
        config: page.config,
        tooltip: { theme: "page", formatTooltip: tooltip(heads, () => view.signal("hidden")) },
      };
      ({ view } = await vegaEmbed(chart, { ...spec, data: { values: rows(columns) } }, options));
      chart.querySelector("svg").setAttribute("aria-hidden", "true");  // what it shows is said by its frame
      const { value: dates } = spec.params.find(({ name }) => name === "dates") || {};
      connect(chart.closest("figure"), view, columns, line, dates);
    }
    document.documentElement.dataset.ready = "true";
  };
  draw();
})();
