"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  const chosen = (id) => by(id).value;
  const MINUS = "\u2212";
  const PLACES = { left: 70, right: 440, top: 14, bottom: 250 };

  // Numbers: the rule of the tables. The step is the largest power of ten not above half of the
  // half-width, and at least the smallest unit of the outcome; halves go away from zero.
  function stepOf(half, smallest) {
    const power = half > 0 ? Math.floor(Math.log10(half / 2) + 1e-9) : -Infinity;
    return Math.max(power, Math.round(Math.log10(smallest)));
  }
  function shown(value, power) {
    const scale = 10 ** Math.abs(power);
    const size = Math.abs(value);
    const steps = Math.round(Number((power < 0 ? size * scale : size / scale).toPrecision(12)));
    const rounded = power < 0 ? steps / scale : steps * scale;
    const text = rounded.toLocaleString("en-GB", {
      minimumFractionDigits: Math.max(0, -power), maximumFractionDigits: Math.max(0, -power),
    });
    return value < 0 && rounded !== 0 ? MINUS + text : text;
  }
  function interval(point, smallest) {
    if (point.mean === null) return { mean: "[x]", low: "[x]", high: "[x]" };
    if (point.mean === 0 && point.half === 0) return { mean: "0 (identical)", low: "0", high: "0" };
    const power = stepOf(point.half, smallest);
    return {
      mean: shown(point.mean, power),
      low: shown(point.mean - point.half, power),
      high: shown(point.mean + point.half, power),
    };
  }
  function level(value, smallest) {
    if (value === null) return "[x]";
    const power = value ? Math.floor(Math.log10(Math.abs(value))) - 2 : 0;
    return shown(value, Math.max(power, Math.round(Math.log10(smallest))));
  }

  // What is chosen.
  function fill(id, options) {
    by(id).replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  }
  const place = (id) => by(id).selectedIndex;
  function allow() {
    const there = (area, condition) => [place("outcome"), place("scenario"), area, condition].join(".") in data.series;
    for (const option of by("area").options) option.disabled = !there(option.index, 0);
    if (by("area").selectedOptions[0].disabled) by("area").value = "";
    for (const option of by("condition").options) option.disabled = !there(place("area"), option.index);
    if (by("condition").selectedOptions[0].disabled) by("condition").value = "";
  }
  function series() {
    const where = [place("area"), place("condition")];
    const [months, means, halves] = data.series[[place("outcome"), place("scenario"), ...where].join(".")];
    const bases = data.bases[[place("outcome"), ...where].join(".")];
    return data.periods[months].map((month, k) => ({
      month, mean: means ? means[k] : 0, half: halves ? halves[k] : 0, base: bases[k],
    }));
  }
  const outcomeOf = () => data.outcomes.find((o) => o.name === chosen("outcome"));
  const NAMES = ["January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"];
  const monthText = (label) => `${NAMES[Number(label.slice(5)) - 1]} ${label.slice(0, 4)}`;

  // The chart.
  function node(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [k, v] of Object.entries(attributes)) made.setAttribute(k, v);
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function niceTicks(low, high) {
    const raw = (high - low || 1) / 4;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((d) => d * power).find((s) => s >= raw * 0.999);
    const ticks = [];
    for (let k = Math.floor(low / step + 1e-9); k <= Math.ceil(high / step - 1e-9); k += 1) ticks.push(k * step);
    return { ticks, power: Math.floor(Math.log10(step) + 1e-9) };
  }
  function draw(points, outcome) {
    const known = points.filter((p) => p.mean !== null);
    const values = known.flatMap((p) => [p.mean - p.half, p.mean + p.half]);
    const { ticks, power } = niceTicks(Math.min(0, ...values), Math.max(0, ...values));
    const { left, right, top, bottom } = PLACES;
    const first = outcome.kind === "stock" ? 0 : 1;
    const x = (k) => left + ((k + 1) / points.length) * (right - left);
    const y = (v) => bottom - ((v - ticks[0]) / (ticks.at(-1) - ticks[0] || 1)) * (bottom - top);
    const parts = ticks.map((tick) => node("line", {
      x1: left - 4, x2: right, y1: y(tick), y2: y(tick), stroke: Math.abs(tick) < 1e-12 ? "#505a5f" : "#c8ccce",
    }));
    for (const tick of ticks) parts.push(node("text", { x: left - 9, y: y(tick) + 5, "text-anchor": "end" }, shown(tick, power)));
    points.forEach((p, k) => {
      if (p.month.endsWith("-03")) parts.push(node("text", { x: x(k), y: bottom + 22, "text-anchor": "middle" }, p.month.slice(0, 4)));
    });
    parts.push(node("text", { x: left, y: bottom + 42 }, "End of March of each year"));
    const line = points.map((p, k) => [k, p]).filter(([, p]) => p.mean !== null);
    const path = (ends) => ends.map(([px, py], n) => `${n ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
    const start = first === 0 ? [[left, y(0)]] : [];
    const upper = [...start, ...line.map(([k, p]) => [x(k), y(p.mean + p.half)])];
    const lower = [...start, ...line.map(([k, p]) => [x(k), y(p.mean - p.half)])];
    if (line.length) {
      parts.push(node("path", { d: `${path([...upper, ...lower.reverse()])}Z`, fill: "#d5dee8", stroke: "#8aa0b8", "stroke-width": 0.6 }));
      parts.push(node("path", { d: path([...start, ...line.map(([k, p]) => [x(k), y(p.mean)])]), fill: "none", stroke: "#12436d", "stroke-width": 2.5, class: "line" }));
      const [k, last] = line.at(-1);
      const text = interval(last, outcome.step);
      parts.push(node("circle", { cx: x(k), cy: y(last.mean), r: 4.5, fill: "#fff", stroke: "#12436d", "stroke-width": 2 }));
      const at = Math.min(Math.max(y(last.mean), top + 10), bottom - 14);
      parts.push(node("text", { x: right + 12, y: at, class: "name" }, text.mean));
      if (!text.mean.includes("(")) parts.push(node("text", { x: right + 12, y: at + 18 }, `(${text.low} to ${text.high})`));
    }
    by("explored-chart").replaceChildren(...parts);
  }

  // Words and numbers under it.
  function say(points, outcome) {
    const area = data.areas[chosen("area")];
    const condition = chosen("condition") ? `, ${data.conditions[chosen("condition")].toLowerCase()}` : "";
    const scenario = data.scenarios[chosen("scenario")];
    const last = points.at(-1);
    const text = interval(last, outcome.step);
    const until = monthText(last.month);
    const change = last.mean === null ? "not available"
      : last.mean === 0 && last.half === 0 ? "identical"
        : text.low.startsWith(MINUS) === text.high.startsWith(MINUS) && text.low !== "0" && text.high !== "0"
          ? `${text.mean} (${text.low} to ${text.high})` : `not more than chance: ${text.mean} (${text.low} to ${text.high})`;
    by("explored-title").textContent = `${outcome.label}, ${area}${condition}: ${change}`;
    by("explored-caption").textContent = `${outcome.label} with \u2018${scenario}\u2019: difference from ${data.base}, ${outcome.unit}, ${area}${condition}, until ${until}.`;
    const flow = outcome.kind === "stock" ? "Values stand at the end of each period." : "Values are of each period.";
    by("explored-note").textContent = `${flow} The shaded area is the 95% interval of Monte Carlo error from ${data.pairs} pairs of runs; `
      + `uncertainty about the parameters comes on top. Source: fitflow, run ${data.run}.`;
    by("explored-table-caption").textContent = `${outcome.label}, ${outcome.unit}, ${area}${condition}`;
    const rows = points.map((p) => {
      const cells = interval(p, outcome.step);
      return [monthText(p.month), level(p.base, outcome.step), cells.mean, cells.low, cells.high];
    });
    by("explored-rows").replaceChildren(...rows.map((cells) => {
      const row = document.createElement("tr");
      cells.forEach((cell, k) => {
        const made = document.createElement(k ? "td" : "th");
        if (k) made.className = "number"; else made.scope = "row";
        made.textContent = cell;
        row.append(made);
      });
      return row;
    }));
    const lines = points.map((p) => [p.month, p.base, p.mean, p.mean === null ? "" : p.mean - p.half, p.mean === null ? "" : p.mean + p.half]);
    const csv = [["end_of", "without", "difference", "low", "high"], ...lines].map((l) => l.join(",")).join("\n");
    by("explored-file").href = `data:text/csv;charset=utf-8,${encodeURIComponent(`${csv}\n`)}`;
  }
  function show() {
    allow();
    const points = series();
    draw(points, outcomeOf());
    say(points, outcomeOf());
  }

  fill("outcome", data.outcomes.map((o) => [o.name, o.label]));
  fill("scenario", Object.entries(data.scenarios));
  fill("area", Object.entries(data.areas));
  fill("condition", Object.entries(data.conditions));
  by("area").value = "";
  by("condition").value = "";
  by("choices").hidden = false;
  by("explored").hidden = false;
  by("choices").addEventListener("change", show);
  by("choices").addEventListener("submit", (event) => event.preventDefault());
  show();
  window.fitflow = { interval };
})();
