"use strict";
// What lines and maps have in common as Plotly draws them: colours, axes, powers of ten, marks.

const DECADES = { 1: 16, 2: 8 }; // a map that reached from rounding to the largest error would be one colour
// More dots than these are small; still more would hide what they lie on.
const MANY = 30, COVERING = 200;
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
    hoverlabel: {
      bgcolor: colors.ground, bordercolor: colors.line, align: "left",
      font: { family: FONT, size: 13, color: colors.ink },
    },
    // Whoever looks closer goes on to do so at another degree.
    uirevision: `${view.evaluation.name} ${view.output}`,
    // A finger that scrolls the page must not zoom.
    dragmode: matchMedia("(pointer: fine)").matches ? "zoom" : false,
    ...more,
  };
}

const axisOf = (colors, title, more) => ({
  title: { text: literal(title), standoff: 6 }, automargin: true, zeroline: false, ticks: "outside",
  gridcolor: colors.line, linecolor: colors.line, tickcolor: colors.line, ...more,
});

/** Which centres are marked: all of them where they leave room, or the one that is chosen. */
function marked(view) {
  const { centers, center } = view;
  if (center < 0 && centers.pickable > COVERING) return [];
  return center >= 0 ? [center] : Array.from({ length: centers.pickable }, (_, i) => i);
}

function dots(colors, x, y) {
  const many = x.length > MANY;
  return {
    type: "scatter", mode: "markers", x, y, hoverinfo: "skip", name: x.length === 1 ? "centre" : "centres",
    marker: { color: colors.mark, size: many ? 3 : 10, line: { color: colors.ground, width: many ? 0 : 1.5 } },
  };
}
