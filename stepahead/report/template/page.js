"use strict";
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const options = { actions: false, renderer: "svg", config: page.config, tooltip: { theme: "page" } };

  // the page holds tables in columns, which is short; Vega takes rows
  const rows = (columns) => {
    const names = Object.keys(columns);
    return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
  };

  const connect = (figure, view) => {
    const controls = figure.querySelector(".controls");
    if (!controls) return;
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

    controls.querySelectorAll("select[data-signal]").forEach((choice) => {
      const choose = () => set(choice.dataset.signal, choice.value);
      choice.addEventListener("change", choose);
      choose();  // a browser that reloads a page may keep what was chosen
    });

    const slider = (name) => sliders.find((each) => each.dataset.signal === name);
    const apply = (input) => {
      const values = input.dataset.values && JSON.parse(input.dataset.values);
      const value = values ? values[input.valueAsNumber] : input.valueAsNumber;
      input.parentElement.querySelector("output").textContent = value;
      input.setAttribute("aria-valuetext", value);
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
    if (boxes.length) showLines();
    sliders.forEach(apply);
  };

  // one chart after the other, so that the first is there soon
  const draw = async () => {
    for (const chart of document.querySelectorAll("[data-chart]")) {
      const { spec, columns } = page.charts[chart.dataset.chart];
      const data = { values: rows(columns) };
      const { view } = await vegaEmbed(chart, { ...spec, data }, options);
      connect(chart.closest("figure"), view);
    }
    document.documentElement.dataset.ready = "true";
  };
  draw();
})();
