"use strict";
// What an explorer shows, as data and layout for Plotly: lines over one axis, maps over two.

const NARROW = 640; // pixels: below it maps stand under each other
const DECADES = { 1: 16, 2: 8 }; // a map that reached from rounding to the largest error would be one colour
const MARGIN = 0.35; // polynomials run away: the plot is as high as f, and this part of its height above and below
const MANY = 30; // more dots than these would hide what they lie on
const FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
const CONFIG = { displayModeBar: false, doubleClick: "reset", showTips: false };

/** The page's colours as they are now: they follow the theme. */
function palette() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(["ink", "soft", "line", "ground", "panel", "mark", "curve", "error"].map(
    (name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

const extent = (values) => {
  const finite = Array.from(values).filter(Number.isFinite);
  const low = finite.length ? finite.reduce((a, b) => Math.min(a, b)) : 0;
  const high = finite.length ? finite.reduce((a, b) => Math.max(a, b)) : 1;
  const room = high > low ? high - low : Math.max(1, Math.abs(high));
  return { low, high, room };
};

/** Powers of ten for an axis or a bar: every one, or every so manieth. */
function decades({ floor, ceiling }, log) {
  const step = Math.ceil((ceiling - floor) / 8), exponents = [];
  for (let k = ceiling; k >= floor; k -= step) exponents.push(k);
  return { tickvals: exponents.map((k) => (log ? k : 10 ** k)), ticktext: exponents.map(power) };
}

const clipped = (error, floor) => (Number.isFinite(error) ? Math.max(error, 10 ** floor) : null);
const finite = (value) => (Number.isFinite(value) ? value : null);

function layout(view, colors, height, more) {
  return {
    height,
    width: view.width,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: colors.panel,
    font: { family: FONT, size: 13, color: colors.ink },
    hoverlabel: { bgcolor: colors.ground, bordercolor: colors.line, font: { family: FONT, color: colors.ink, size: 13 }, align: "left" },
    // A finger that scrolls the page must not zoom.
    dragmode: matchMedia("(pointer: fine)").matches ? "zoom" : false,
    ...more,
  };
}

const axisOf = (colors, title, more) => ({
  title: { text: literal(title), standoff: 6 }, gridcolor: colors.line, linecolor: colors.line, zeroline: false, ticks: "outside",
  tickcolor: colors.line, ...more,
});

/** Which centres are marked: all of them, or the one that is chosen. */
function marked(view) {
  const { centers, center } = view;
  return center >= 0 ? [center] : Array.from({ length: centers.pickable }, (_, i) => i);
}

function dots(view, colors, x, y, more) {
  const many = x.length > MANY;
  return {
    type: "scatter", mode: "markers", x, y, hoverinfo: "skip", name: x.length === 1 ? "centre" : "centres",
    marker: { color: colors.mark, size: many ? 3 : 10, line: { color: colors.ground, width: many ? 0 : 1.5 } }, ...more,
  };
}

function lines(view, colors) {
  const { evaluation, centers, output, degree, scale, letter } = view;
  const [axis] = evaluation.names, x = evaluation.coordinates[0], truth = evaluation.values(output);
  const { low, high, room } = extent(truth);
  const at = marked(view), place = evaluation.places[0], name = `T${lowered(degree)}`;
  const within = at.filter((c) => centers.row(c)[place] >= x[0] && centers.row(c)[place] <= x[x.length - 1]);
  const errors = view.errors[degree];
  const curve = (label, y, line, more) => ({
    type: "scatter", mode: "lines", name: label, x, y, line: { simplify: false, ...line }, hovertemplate: `${literal(label)} = %{y:.6~g}<extra></extra>`, ...more,
  });
  const data = [
    curve(letter, Array.from(truth, finite), { color: colors.ink, width: 4 }),
    curve(name, Array.from(view.sums[degree], finite), { color: colors.curve, width: 2 }),
    curve(`|${letter} − ${name}|`, Array.from(errors, (e) => clipped(e, scale.floor)), { color: colors.error, width: 2 }, {
      yaxis: "y2", customdata: errors, hovertemplate: `${literal(`|${letter} − ${name}|`)} = %{customdata:.4~g}<extra></extra>`,
    }),
    dots(view, colors, within.map((c) => centers.row(c)[place]), within.map((c) => centers.value(c, output))),
  ];
  return { data, layout: layout(view, colors, view.width < NARROW ? 520 : 600, {
    margin: { l: 64, r: 12, t: 34, b: 48 },
    hovermode: "x unified",
    hoversubplots: "axis",
    legend: { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
    xaxis: axisOf(colors, axis, { range: [x[0], x[x.length - 1]], anchor: "y2", unifiedhovertitle: { text: `${literal(axis)} = %{x:.6~g}` } }),
    yaxis: axisOf(colors, `${letter}, ${name}`, { domain: [0.45, 1], range: [low - MARGIN * room, high + MARGIN * room] }),
    yaxis2: axisOf(colors, `|${letter} − ${name}|`, {
      domain: [0, 0.38], type: "log", range: [scale.floor - 0.3, scale.ceiling + 0.2], ...decades(scale),
    }),
  }) };
}

function maps(view, colors) {
  const { evaluation, centers, output, degree, scale, letter } = view;
  const [x, y] = evaluation.coordinates, [first, second] = evaluation.names;
  const truth = evaluation.values(output), sums = view.sums[degree], errors = view.errors[degree];
  const name = `T${lowered(degree)}`, miss = `|${letter} − ${name}|`, [across, up] = evaluation.places;
  const field = (of) => Array.from(y, (_, j) => Array.from(x, (_, i) => of(i * y.length + j)));
  const { low, high } = extent(truth);
  const narrow = view.width < NARROW;
  const told = {
    customdata: field((p) => [truth[p], sums[p], errors[p]]),
    hovertemplate: `(${literal(first)}, ${literal(second)}) = (%{x:.5~g}, %{y:.5~g})<br>${literal(letter)} = %{customdata[0]:.6~g}` +
      `<br>${name} = %{customdata[1]:.6~g}<br>${literal(miss)} = %{customdata[2]:.4~g}<extra></extra>`,
  };
  const bar = (more) => ({ thickness: 12, outlinewidth: 0, xpad: 4, tickfont: { size: 12 }, ...more });
  const places = narrow ? [{ y: 0.79, len: 0.42, x: 1 }, { y: 0.21, len: 0.42, x: 1 }] : [{ x: 0.41 }, { x: 1 }];
  const shown = view.what === "function" ? truth : sums;
  const dotted = marked(view).map((c) => centers.row(c));
  const all = (more) => dots(view, colors, dotted.map((r) => r[across]), dotted.map((r) => r[up]), { showlegend: false, ...more });
  const data = [
    { type: "heatmap", x, y, z: field((p) => finite(shown[p])), zmin: low, zmax: high > low ? high : low + 1, colorscale: "Viridis",
      colorbar: bar(places[0]), ...told },
    { type: "heatmap", x, y, z: field((p) => { const e = clipped(errors[p], scale.floor); return e === null ? null : Math.log10(e); }),
      zmin: scale.floor, zmax: scale.ceiling, colorscale: "Cividis", colorbar: bar({ ...places[1], ...decades(scale, true) }),
      xaxis: "x2", yaxis: "y2", ...told },
    all(), all({ xaxis: "x2", yaxis: "y2" }),
  ];
  const domains = narrow ? [[0, 1], [0, 1], [0.58, 1], [0, 0.42]] : [[0, 0.4], [0.59, 0.99], [0, 1], [0, 1]];
  const head = (text, domain, top) => ({
    text: literal(text), showarrow: false, xref: "paper", yref: "paper", x: domain[0], y: top, xanchor: "left", yanchor: "bottom", font: { size: 15 },
  });
  const [left, right, above, below] = domains;
  const ranges = [x, y].map((v) => [v[0] - (v[1] - v[0]) / 2, v.at(-1) + (v.at(-1) - v.at(-2)) / 2]);
  return { data, layout: layout(view, colors, narrow ? 1.75 * view.width + 60 : 0.4 * view.width + 90, {
    margin: { l: 52, r: narrow ? 58 : 62, t: 34, b: 48 },
    hovermode: "closest",
    annotations: [
      head(view.what === "function" ? letter : name, left, above[1]),
      head(miss, right, narrow ? below[1] : 1),
    ],
    xaxis: axisOf(colors, first, { domain: left, anchor: "y", range: ranges[0] }),
    yaxis: axisOf(colors, second, { domain: above, anchor: "x", range: ranges[1] }),
    xaxis2: axisOf(colors, first, { domain: right, anchor: "y2", matches: "x" }),
    yaxis2: axisOf(colors, second, { domain: below, anchor: "x2", matches: "y" }),
  }) };
}
