"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const fields = JSON.parse(document.getElementById("fields").textContent);
  const $ = (id) => document.getElementById(id);
  const dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 2], [12, 4], [2, 2, 6, 2], [1, 4]];
  const shapes = ["circle", "rect", "triangle", "rectRot", "star", "cross", "crossRot", "dash"];
  const color = (i) => getComputedStyle(document.documentElement).getPropertyValue("--m" + (i % 8)).trim();
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const faint = (c) => c + "2e";
  const number = (v) => v === null || v === undefined ? "diverged" : v === 0 ? "0" :
    Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3 ? v.toExponential(1).replace("e+", "e") : String(Number(v.toPrecision(3)));
  const positive = (values) => values.every((v) => v === null || v === undefined || v > 0);
  // The kind of axis that a metric gets: a share of 1 has its place on an even scale.
  const kind = (metric, values) => positive(values) && !/accuracy|share|learning_rate/.test(metric) ? "logarithmic" : "linear";
  const probes = ["start", "middle", "end"];
  const charts = {};

  // What is chosen: a value of each axis. First those of the last point at which most methods have a result:
  // not every combination of values has runs.
  const methodsAt = data.points.map((_, p) => data.rows.filter((r) => r[p] && r[p].n > 0).length);
  const begin = data.points[methodsAt.lastIndexOf(Math.max(...methodsAt))];
  const chosen = data.axes.map((axis, a) => axis.values.indexOf(begin[a]));
  const current = () => data.points.findIndex((p) => p.every((v, a) => v === data.axes[a].values[chosen[a]]));

  function select(element, names, index, change) {
    element.replaceChildren(...names.map((name, i) => new Option(name, i, i === index, i === index)));
    element.addEventListener("change", () => change(Number(element.value)));
    if (names.length < 2) element.parentElement.hidden = true;
  }

  function axisSelectors() {
    const box = $("selectors");
    data.axes.forEach((axis, a) => {
      const label = document.createElement("label");
      const element = document.createElement("select");
      element.id = "axis-" + axis.name;
      label.append(axis.name + " ", element);
      box.append(label);
      select(element, axis.values, chosen[a], (i) => { chosen[a] = i; draw(); });
    });
    data.methods.forEach((name, m) => {
      const key = document.createElement("span");
      key.className = "key";
      key.innerHTML = `<svg width="34" height="12" aria-hidden="true"><line x1="1" y1="6" x2="33" y2="6" ` +
        `style="stroke:var(--m${m % 8});stroke-width:2.5;stroke-dasharray:${dashes[m % 8].join(" ")}"/></svg>`;
      key.append(name);
      box.append(key);
    });
    if (data.methods.length > 12) box.querySelectorAll(".key").forEach((k) => k.remove());
    if (box.childElementCount === 0) box.hidden = true;
  }

  function axis(title, type, extra) {
    return Object.assign({
      type, title: {display: true, text: title, color: style("--soft")},
      grid: {color: style("--line")},
      ticks: {color: style("--soft"), maxTicksLimit: 9,
        callback(value) {
          if (type !== "logarithmic") return number(value);
          const digit = value / Math.pow(10, Math.floor(Math.log10(value) + 1e-9));
          const wide = this.max / this.min > 1e3;
          return Math.abs(digit - 1) < 1e-6 || (!wide && [2, 5].some((d) => Math.abs(digit - d) < 1e-6)) ? number(value) : null;
        }},
    }, extra || {});
  }

  const nothing = (why) => `nothing to show: ${why}`;

  // A chart without a single number says why.
  function show(id, type, datasets, scales, tooltip, title) {
    const any = datasets.some((s) => !s.silent && s.data.some((p) => Number.isFinite(p.y)));
    const why = current() < 0 ? "no run has these settings" : "no run recorded a finite number here";
    const heads = (title ? [title] : []).concat(any ? [] : [nothing(why)]);
    if (charts[id]) charts[id].destroy();
    charts[id] = new Chart($(id), {
      type, data: {datasets},
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, scales,
        interaction: {mode: "nearest", intersect: false},
        plugins: {
          legend: {display: false},
          title: {display: heads.length > 0, text: heads, color: style("--text")},
          tooltip: {filter: (item) => !item.dataset.silent, callbacks: tooltip},
        },
      },
    });
  }

  // Line and band of one method.
  function bandSets(x, band, m) {
    const points = (values) => x.map((v, i) => ({x: v, y: values[i]}));
    const line = {label: data.methods[m], data: points(band.m), borderColor: color(m), backgroundColor: color(m),
      borderDash: dashes[m % 8], borderWidth: 2.2, pointRadius: x.length < 12 ? 3 : 0, pointStyle: shapes[m % 8],
      pointHitRadius: 6, spanGaps: false};
    if (!band.l) return [line];
    const edge = {silent: true, borderWidth: 0, pointRadius: 0, pointHitRadius: 0, backgroundColor: faint(color(m))};
    return [line, {...edge, data: points(band.l), fill: false}, {...edge, data: points(band.h), fill: "-1"}];
  }

  function level(value, from, to) {
    return {silent: true, showLine: true, data: [{x: from, y: value}, {x: to, y: value}], borderColor: style("--soft"),
      borderDash: [3, 3], borderWidth: 1.2, pointRadius: 0, pointHitRadius: 0};
  }

  // What needs no learning: {chance, from, to} of each method.
  function chanceWords(levels) {
    const all = [...new Set(levels.map((l) => l.chance))].sort((a, b) => a - b).map(number);
    if (all.length === 0) return "";
    return ` Dotted: the chance level${all.length < 2 ? " " + all[0] : `s, ${all[0]} to ${all[all.length - 1]}`}.`;
  }

  const values = (sets) => sets.filter((s) => !s.silent).flatMap((s) => s.data.map((p) => p.y));
  const seedText = `Lines: median over the ${data.repeat}s. Bands: 95 % interval of the median from the order statistics` +
    ` (for fewer than 6 ${data.repeat}s, their range; for fewer than 3, none).`;

  const state = {metric: 0, x: 0, lagMetric: 0, lagLayer: 0, block: 0, gate: 2};
  const curveMetrics = data.curves.metrics;
  const curveX = ["epochs", "seconds"].concat(data.curves.samples ? ["training sequences"] : []);

  function drawCurves() {
    const point = current();
    const metric = curveMetrics[state.metric];
    if (!metric) { $("curves").hidden = true; return; }
    const sets = [];
    const chances = [];
    data.methods.forEach((_, m) => {
      const cell = point < 0 ? null : data.curves.data[m][point];
      if (!cell) return;
      const scale = curveX[state.x] === "seconds" ? cell.seconds : curveX[state.x] === "epochs" ? 1 : data.curves.samples;
      if (scale === null) return;
      const x = cell.x.map((e) => e * scale);
      const band = cell[metric.name];
      sets.push(...bandSets(x, band, m));
      if (band.chance !== undefined && x.length) chances.push({chance: band.chance, from: x[0], to: x[x.length - 1]});
    });
    // Equal levels are one line; of a single epoch it reaches to both sides.
    for (const chance of new Set(chances.map((c) => c.chance))) {
      const alike = chances.filter((c) => c.chance === chance);
      const from = Math.min(...alike.map((c) => c.from));
      const to = Math.max(...alike.map((c) => c.to));
      sets.push(level(chance, from === to ? 0.5 * from : from, from === to ? 1.5 * to : to));
    }
    show("curve-chart", "line", sets, {
      x: axis(curveX[state.x], "linear", {min: curveX[state.x] === "seconds" ? 0 : undefined,
        afterBuildTicks: (a) => { if (curveX[state.x] === "epochs") a.ticks = a.ticks.filter((t) => Number.isInteger(t.value)); }}),
      y: axis(metric.name + (metric.unit && metric.unit !== "1" ? ` (${metric.unit})` : ""), kind(metric.name, values(sets))),
    }, {
      title: (items) => items.length ? `${curveX[state.x]} ${number(items[0].parsed.x)}` : "",
      label: (item) => `${item.dataset.label}: ${number(item.parsed.y)}`,
    });
    $("curve-caption").textContent = `${metric.name}: ${metric.description}. ${seedText}${chanceWords(chances)}` +
      (curveX[state.x] === "seconds" ? " Seconds: the median time of an epoch, times the epochs." : "");
  }

  // From the largest value down to where every line has faded far below what training notices.
  function lagLimits(sets) {
    const lines = sets.filter((s) => !s.silent).map((s) => s.data.map((p) => p.y).filter((v) => v > 1e-300))
      .filter((line) => line.length > 0);
    if (lines.length === 0) return null;
    const faded = 1e-12 * Math.min(...lines.map((line) => Math.max(...line)));
    return {low: Math.max(Math.min(...lines.flat()), faded), high: Math.max(...lines.flat())};
  }

  function drawLags() {
    const metric = data.lags[state.lagMetric];
    if (!metric) { $("lags").hidden = true; return; }
    const point = current();
    const all = probes.map((probe) => data.methods.flatMap((_, m) => {
      const cell = point < 0 ? null : metric.data[m][point];
      if (!cell || !cell[probe][state.lagLayer]) return [];
      // A logarithmic axis has no place for what has faded to nothing: draw it below the frame.
      const above = (list) => list && list.map((v) => (v === 0 ? 1e-300 : v));
      const band = cell[probe][state.lagLayer];
      return bandSets(cell.x, {m: above(band.m), l: above(band.l), h: above(band.h)}, m);
    }));
    // One scale for all, unless one would flatten the others: a gradient that exploded.
    const own = all.map(lagLimits);
    const highs = own.filter(Boolean).map((l) => l.high);
    const apart = Math.max(...highs) > 1e12 * Math.min(...highs);
    const common = lagLimits(all.flat());
    probes.forEach((probe, i) => {
      const id = "lag-" + probe;
      if (!$(id)) {
        const box = document.createElement("div");
        box.className = "chart";
        box.innerHTML = `<canvas id="${id}" role="img" aria-label="Gradient against lag at the ${probe} of training"></canvas>`;
        $("lag-charts").append(box);
      }
      const limits = apart ? own[i] : common;
      show(id, "line", all[i], {
        x: axis("lag: steps before the last", "linear"),
        y: axis(i === 0 ? metric.name : "", "logarithmic", limits ? {min: limits.low / 2, max: limits.high * 2} : {}),
      }, {
        title: (items) => items.length ? `lag ${items[0].parsed.x}` : "",
        label: (item) => `${item.dataset.label}: ${number(item.parsed.y)}`,
      }, `${probe} of training`);
    });
    $("lag-caption").textContent = `${metric.name}: ${metric.description}. A line that falls has forgotten: the loss cannot ` +
      `teach what happened so many steps before. ${apart ? "The scales differ. " : ""}${seedText} ${metric.layers.length > 1 ? "Layer top: the last of each net. " : ""}Half-lives are in the table below.`;
  }

  // A table of colours for each method: a row for each name, stronger colour is more. `share`: of a value, 0 .. 1.
  function field(box, m, head, names, rows, share, text) {
    const table = document.createElement("table");
    table.className = "field";
    table.createCaption().textContent = data.methods[m];
    const top = table.createTHead().insertRow();
    ["", ...head].forEach((name, i) => {
      const th = document.createElement("th");
      th.textContent = name;
      if (i > 0) th.colSpan = rows[0].length / head.length;
      top.append(th);
    });
    const body = table.createTBody();
    rows.forEach((values, r) => {
      const row = body.insertRow();
      const name = document.createElement("th");
      name.scope = "row";
      name.textContent = names[r];
      row.append(name);
      values.forEach((v) => {
        const cell = row.insertCell();
        if (v === null) return;
        cell.style.background = `color-mix(in srgb, ${color(m)} ${Math.round(78 * share(v))}%, transparent)`;
        cell.title = number(v);
        if (text) cell.textContent = number(v);
      });
    });
    box.append(table);
  }

  function drawBlocks() {
    const metric = fields.metrics[state.block];
    const point = current();
    const cells = data.methods.map((_, m) => (metric && point >= 0 ? fields.blocks[m][point] : null));
    const all = cells.flatMap((c) => (c ? c[metric.name].flat() : [])).filter((v) => v > 0);
    $("blocks").hidden = all.length === 0;
    if (all.length === 0) return;
    const high = Math.log(Math.max(...all));
    const low = Math.max(Math.log(Math.min(...all)), high - 16);
    const share = (v) => (v > 0 ? Math.max(0, 0.08 + 0.92 * (Math.log(v) - low) / (high - low || 1)) : 0);
    $("block-fields").replaceChildren();
    cells.forEach((c, m) => c && field($("block-fields"), m, c.x, c.names, c[metric.name], share, true));
    $("block-caption").textContent = `${metric.name}: ${metric.description}. Epochs across, blocks of parameters down, median ` +
      `over the seeds; stronger colour is larger, one logarithmic scale for all.` +
      (metric.name === "update_ratio" ? " About 0.001 is usual; much less learns slowly, much more is unsteady." : "");
  }

  function drawGates() {
    const point = current();
    const cells = data.methods.map((_, m) => (point >= 0 ? fields.gates[m][point] : null));
    $("gates").hidden = cells.every((c) => !c);
    $("gate-fields").replaceChildren();
    cells.forEach((c, m) => {
      const rows = c && c.probes[state.gate];
      if (rows) field($("gate-fields"), m, ["low", "high"], c.names, rows, (v) => Math.min(1, Math.sqrt(v / 0.5)), false);
    });
    if ($("gate-fields").childElementCount === 0)
      $("gate-fields").textContent = nothing(`no run recorded its gates at the ${probes[state.gate]} of training`);
  }

  // Points of the same task; every other axis goes free.
  function drawPareto() {
    const same = (p) => p.every((v, a) => !data.axes[a].task || v === data.axes[a].values[chosen[a]]);
    const open = data.points.map((p, i) => (same(p) ? i : -1)).filter((i) => i >= 0);
    const free = data.axes.filter((a) => !a.task).map((a) => a.name);
    const name = (i) => data.axes.map((a, k) => (a.task ? "" : `${a.name} ${data.points[i][k]}`)).filter(Boolean).join(", ");
    let any = false;
    let fronts = false;
    for (const [id, key, title] of [["time-chart", "seconds", "seconds for a run"], ["params-chart", "params", "parameters"]]) {
      const sets = data.methods.map((label, m) => ({
        label, backgroundColor: color(m), borderColor: color(m), pointStyle: shapes[m % 8], pointRadius: 6, borderWidth: 2,
        showLine: false,
        data: open.map((i) => ({i, r: data.rows[m][i]})).filter((p) => p.r && p.r.iqm !== null && p.r[key] !== null)
          .map((p) => ({x: p.r[key], y: p.r.iqm, at: p.i})),
      }));
      const sign = data.minimize ? 1 : -1;
      const sorted = sets.flatMap((s) => s.data).sort((a, b) => a.x - b.x || sign * (a.y - b.y));
      let best = Infinity;
      const front = !data.has_goal ? [] : sorted.filter((p) => sign * p.y < best && ((best = sign * p.y), true));
      any = any || sorted.length > 0;
      fronts = fronts || front.length > 1;
      if (front.length > 1) {
        sets.push({silent: true, label: "front", data: front, borderColor: style("--soft"), borderWidth: 1.2, borderDash: [5, 4],
          stepped: "before", pointRadius: 0, pointHitRadius: 0, showLine: true});
      }
      show(id, "scatter", sets, {
        x: axis(title, positive(sorted.map((p) => p.x)) ? "logarithmic" : "linear"),
        y: axis(data.metric, kind(data.metric, sorted.map((p) => p.y))),
      }, {label: (item) => `${item.dataset.label} ${name(item.raw.at)}: ${number(item.parsed.y)} at ${number(item.parsed.x)}`});
    }
    $("pareto").hidden = !any;
    $("pareto-caption").textContent = `Each mark is a method${free.length ? ` at one choice of ${free.join(", ")}` : ""}: IQM of ` +
      `${data.metric} over the ${data.repeat}s, medians of time and parameters.` +
      (fronts ? " Dashed: the Pareto front, beyond which nothing is both cheaper and better." : "") + (data.axes.some((a) => a.task) ? " The task is the one chosen above." : "");
  }

  function drawStrips() {
    const point = current();
    const sets = data.methods.map((label, m) => {
      const runs = (point < 0 ? null : data.runs[m][point]) || [];
      const n = runs.length;
      return {label, backgroundColor: faint(color(m)), borderColor: color(m), pointStyle: shapes[m % 8], pointRadius: 5,
        borderWidth: 1.6, data: runs.map(([seed, y], i) => ({x: m + (n < 2 ? 0 : (i / (n - 1) - 0.5) * 0.5), y, seed}))
          .filter((p) => p.y !== null)};
    });
    const medians = data.methods.map((label, m) => {
      const row = point < 0 ? null : data.rows[m][point];
      return row && row.iqm !== null ? {silent: true, label, showLine: true, pointRadius: 0, pointHitRadius: 0, borderWidth: 3,
        borderColor: color(m), data: [{x: m - 0.32, y: row.iqm}, {x: m + 0.32, y: row.iqm}]} : null;
    }).filter(Boolean);
    const chances = data.rows.map((r, m) => ({row: r[point], from: m - 0.5, to: m + 0.5}))
      .filter((c) => c.row && c.row.chance !== null).map((c) => ({...c, chance: c.row.chance}));
    medians.push(...chances.map((c) => level(c.chance, c.from, c.to)));
    show("strip-chart", "scatter", sets.concat(medians), {
      x: {type: "linear", min: -0.6, max: data.methods.length - 0.4, grid: {display: false},
        ticks: {color: style("--text"), stepSize: 1, autoSkip: false,
          callback: (v) => (Number.isInteger(v) && data.methods[v] !== undefined ? data.methods[v] : "")},
        afterBuildTicks: (a) => { a.ticks = data.methods.map((_, m) => ({value: m})); }},
      y: axis(data.metric, kind(data.metric, values(sets))),
    }, {label: (item) => `${item.dataset.label} ${data.repeat} ${item.raw.seed}: ${number(item.parsed.y)}`});
    const lost = data.rows.reduce((n, r) => n + (r[point] ? r[point].diverged : 0), 0);
    $("strip-caption").textContent = `Each mark is a run, in the order of its ${data.repeat}; the bar is the IQM.${chanceWords(chances)}` +
      (lost ? ` ${lost} diverged and cannot be shown.` : "");
  }

  function draw() {
    drawCurves();
    drawLags();
    drawBlocks();
    drawGates();
    drawPareto();
    drawStrips();
    document.documentElement.dataset.point = current();
  }

  axisSelectors();
  // The curve of what is judged; of a number taken at the end of training, that of the same kind.
  const curveOf = (name) => curveMetrics.findIndex((m) => m.name === name);
  const first = [data.metric, data.metric.replace(/^(test|best_valid)_/, "valid_"), "valid_loss"].map(curveOf);
  state.metric = Math.max(first.find((i) => i >= 0) ?? 0, 0);
  select($("curve-metric"), curveMetrics.map((m) => m.name), state.metric, (i) => { state.metric = i; drawCurves(); });
  select($("curve-x"), curveX, 0, (i) => { state.x = i; drawCurves(); });
  select($("lag-metric"), data.lags.map((m) => m.name), 0, (i) => { state.lagMetric = i; drawLags(); });
  select($("lag-layer"), data.lags.length ? data.lags[0].layers : [], 0, (i) => { state.lagLayer = i; drawLags(); });
  const update = fields.metrics.findIndex((m) => m.name === "update_ratio");
  state.block = Math.max(update, 0);
  select($("block-metric"), fields.metrics.map((m) => m.name), state.block, (i) => { state.block = i; drawBlocks(); });
  select($("gate-probe"), probes, state.gate, (i) => { state.gate = i; drawGates(); });
  draw();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  window.addEventListener("beforeprint", () => Object.values(charts).forEach((c) => c.resize()));
  window.addEventListener("afterprint", () => Object.values(charts).forEach((c) => c.resize()));
  document.documentElement.dataset.ready = Object.keys(charts).length;
})();
