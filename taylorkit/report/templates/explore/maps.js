"use strict";
// Over two axes: a map of T_k, or of f, and one of |f − T_k| in powers of ten; side by side where there is room.

const NARROW = 640; // pixels: below it the second map stands under the first
// By whether they are narrow: what part of the width and height each map has, and where its colour bar stands.
const PLACES = {
  false: [{ x: [0, 0.4], y: [0, 1], bar: { x: 0.41 } }, { x: [0.59, 0.99], y: [0, 1], bar: { x: 1 } }],
  true: [
    { x: [0, 1], y: [0.58, 1], bar: { x: 1, y: 0.79, len: 0.42 } },
    { x: [0, 1], y: [0, 0.42], bar: { x: 1, y: 0.21, len: 0.42 } },
  ],
};

function maps(view, colors) {
  const { evaluation, output, degree, scale, letter } = view;
  const [x, y] = evaluation.coordinates, [first, second] = evaluation.names;
  const truth = evaluation.values(output), sums = view.sums[degree], errors = view.errors[degree];
  const name = `T${lowered(degree)}`, miss = `|${letter} − ${name}|`, isF = view.what === "function";
  const narrow = view.width < NARROW, [left, right] = PLACES[narrow];
  const field = (of) => Array.from(y, (_, j) => Array.from(x, (_, i) => of(i * y.length + j)));
  const { low, high } = extent(truth);
  const cells = {
    type: "heatmap", x, y,
    customdata: field((p) => [truth[p], sums[p], errors[p]]),
    hovertemplate: [
      `(${literal(first)}, ${literal(second)}) = (%{x:.5~g}, %{y:.5~g})`, `${literal(letter)} = %{customdata[0]:.6~g}`,
      `${name} = %{customdata[1]:.6~g}`, `${literal(miss)} = %{customdata[2]:.4~g}<extra></extra>`,
    ].join("<br>"),
  };
  const values = {
    ...cells, z: field((p) => finite((isF ? truth : sums)[p])), zmin: low, zmax: high > low ? high : low + 1,
    colorscale: "Viridis", colorbar: bar(left.bar),
  };
  const misses = {
    ...cells, z: field((p) => exponent(errors[p], scale.floor)), zmin: scale.floor, zmax: scale.ceiling,
    colorscale: "Cividis", colorbar: bar({ ...right.bar, ...decades(scale, true) }), xaxis: "x2", yaxis: "y2",
  };
  const [across, up] = [x, y].map(edges);
  const centers = onMap(view, colors);
  return { data: [values, misses, centers, { ...centers, xaxis: "x2", yaxis: "y2" }], layout:
    layout(view, colors, narrow ? 1.75 * view.width + 60 : 0.4 * view.width + 90, {
      margin: { l: 52, r: 62, t: 34, b: 48 },
      hovermode: "closest",
      annotations: [head(isF ? letter : name, left), head(miss, right)],
      xaxis: axisOf(colors, first, { domain: left.x, anchor: "y", range: across }),
      yaxis: axisOf(colors, second, { domain: left.y, anchor: "x", range: up }),
      xaxis2: axisOf(colors, first, { domain: right.x, anchor: "y2", matches: "x" }),
      yaxis2: axisOf(colors, second, { domain: right.y, anchor: "x2", matches: "y" }),
    }) };
}

const bar = (place) => ({ thickness: 12, outlinewidth: 0, xpad: 4, tickfont: { size: 12 }, ...place });

const head = (text, { x, y }) => ({
  text: literal(text), font: { size: 15 }, showarrow: false, xref: "paper", yref: "paper",
  x: x[0], y: y[1], xanchor: "left", yanchor: "bottom",
});

/** Half a cell beyond the first and the last point. */
const edges = (v) => [v[0] - (v[1] - v[0]) / 2, v.at(-1) + (v.at(-1) - v.at(-2)) / 2];

function exponent(error, floor) {
  const shown = clipped(error, floor);
  return shown === null ? null : Math.log10(shown);
}

function onMap(view, colors) {
  const [across, up] = view.evaluation.places, rows = marked(view).map((c) => view.centers.row(c));
  return { ...dots(colors, rows.map((r) => r[across]), rows.map((r) => r[up])), showlegend: false };
}
