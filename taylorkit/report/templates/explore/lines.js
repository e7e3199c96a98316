"use strict";
// Over one axis: f and T_k as lines, under them |f − T_k| on a logarithmic scale.

const MARGIN = 0.35; // polynomials run away: the plot is as high as f, and this part of its height above and below
const LOW = 640; // pixels of width: below it the plot is lower, too

function lines(view, colors) {
  const { evaluation, output, degree, scale, letter } = view;
  const [axis] = evaluation.names, x = evaluation.coordinates[0], truth = evaluation.values(output);
  const name = `T${lowered(degree)}`, miss = `|${letter} − ${name}|`;
  const misses = Array.from(view.errors[degree], (error) => clipped(error, scale.floor));
  const data = [
    curve(letter, x, Array.from(truth, finite), { color: colors.ink, width: 4 }),
    curve(name, x, Array.from(view.sums[degree], finite), { color: colors.curve, width: 2 }),
    {
      ...curve(miss, x, misses, { color: colors.error, width: 2 }), yaxis: "y2",
      customdata: view.errors[degree], hovertemplate: `${literal(miss)} = %{customdata:.4~g}<extra></extra>`,
    },
    onLine(view, colors, x),
  ];
  const { low, high, room } = extent(truth);
  return { data, layout: layout(view, colors, view.width < LOW ? 520 : 600, {
    margin: { l: 64, r: 12, t: 34, b: 48 },
    hovermode: "x unified",
    hoversubplots: "axis",
    legend: { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
    xaxis: axisOf(colors, axis, {
      anchor: "y2", range: [x[0], x[x.length - 1]], unifiedhovertitle: { text: `${literal(axis)} = %{x:.6~g}` },
    }),
    yaxis: axisOf(colors, `${letter}, ${name}`, {
      domain: [0.45, 1], range: [low - MARGIN * room, high + MARGIN * room],
    }),
    yaxis2: axisOf(colors, miss, {
      domain: [0, 0.38], type: "log", range: [scale.floor - 0.3, scale.ceiling + 0.2], ...decades(scale),
    }),
  }) };
}

const curve = (name, x, y, line) => ({
  type: "scatter", mode: "lines", name, x, y, line: { simplify: false, ...line },
  hovertemplate: `${literal(name)} = %{y:.6~g}<extra></extra>`,
});

/** The centres between the ends of the axis, on f. */
function onLine(view, colors, x) {
  const { centers, output } = view, [place] = view.evaluation.places;
  const at = (center) => centers.row(center)[place];
  const within = marked(view).filter((c) => at(c) >= x[0] && at(c) <= x[x.length - 1]);
  return dots(colors, within.map(at), within.map((c) => centers.value(c, output)));
}
