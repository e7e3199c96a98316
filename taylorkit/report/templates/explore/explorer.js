"use strict";
// The controls of an explorer, and what each does: choose, evaluate, draw, and say it.

const byId = (id) => document.getElementById(id);

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

class Explorer {
  constructor(data) {
    this.data = data;
    this.centers = new Centers(data);
    this.evaluations = data.evaluations.map((e) => new Evaluation(e, data));
    this.output = 0;
    this.degree = Math.min(2, data.order);
    this.what = "polynomial";
    this.plot = byId("explore-plot");
    this._chooser("explore-evaluation", this.evaluations.map((e) => e.name), (i) => this.open(i));
    const outputs = Array.from({ length: data.outputs }, (_, i) => `${i} of ${data.all_outputs}`);
    this._chooser("explore-output", outputs, (i) => { this.output = i; this.evaluate(); });
    this._degrees();
    this._picks();
    byId("explore-stored").addEventListener("change", () => this.about(this.evaluation.own ?? -1));
    byId("explore-one").addEventListener("change", () => this.about(this.picked()));
    for (const choice of document.getElementsByName("explore-what")) {
      choice.addEventListener("change", () => { this.what = choice.value; this.draw(); });
    }
    this.cursor = new Cursor(this);
    this.open(0);
    // Plotly measures words in a picture off the page, which is for nobody.
    byId("js-plotly-tester")?.setAttribute("aria-hidden", "true");
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    new ResizeObserver(() => {
      if (this.plot.clientWidth && this.plot.clientWidth !== this.width) this.draw();
    }).observe(this.plot);
    this.plot.on("plotly_click", ({ points }) => this.click(points[0]));
  }

  /** A list to choose from, shown where there is a choice. */
  _chooser(id, names, chosen) {
    const select = byId(id);
    select.append(...names.map((name, i) => made("option", { value: i }, name)));
    select.closest("label").hidden = names.length < 2;
    select.addEventListener("change", () => chosen(Number(select.value)));
  }

  _degrees() {
    for (let k = 0; k <= this.data.order; k++) {
      const radio = made("input", { type: "radio", name: "explore-degree", value: k });
      radio.checked = k === this.degree;
      radio.addEventListener("change", () => { this.degree = k; this.draw(); });
      const label = made("label", { class: "chip" }, radio, made("b", {}, `T${lowered(k)}`), made("small"));
      byId("explore-degrees").append(label);
    }
  }

  /** A slider for each axis of the centres' grid; one over all of them where they are scattered. */
  _picks() {
    this.sliders = this.centers.picks.map(({ axis, length }) => {
      const slider = made("input", { type: "range", min: 0, max: length - 1, step: 1, value: 0 });
      const name = this.centers.scattered ? "centre" : `${this.name(axis)} of the centre`;
      slider.addEventListener("input", () => this.about(this.picked()));
      if (length > 1) byId("explore-picks").append(made("label", {}, made("span", {}, name), slider, made("output")));
      return slider;
    });
    byId("explore-centers").hidden = this.centers.pickable < 2;
  }

  picked() {
    return this.sliders.reduce((flat, slider, i) => flat * this.centers.picks[i].length + Number(slider.value), 0);
  }

  /** Put the sliders where a centre to pick is. */
  _slide(center) {
    for (let i = this.sliders.length - 1; i >= 0; i--) {
      const { length } = this.centers.picks[i];
      this.sliders[i].value = center % length;
      center = Math.floor(center / length);
    }
    const row = this.centers.row(this.picked());
    this.sliders.forEach((slider, i) => {
      if (!slider.parentElement) return;
      const variable = this.data.variables.indexOf(this.centers.picks[i].axis);
      const words = this.centers.scattered ? point(row, 3) : number(row[variable]);
      slider.setAttribute("aria-valuetext", words);
      // A point of many variables is said below.
      const many = this.centers.scattered && row.length > 2;
      slider.nextElementSibling.textContent = many ? `${this.picked() + 1} of ${this.centers.pickable}` : words;
    });
  }

  /** Show another evaluation, about what the artifact has it about. */
  open(place) {
    const evaluation = this.evaluation = this.evaluations[place];
    byId("explore-maps").hidden = evaluation.axes.length < 2;
    byId("explore-stored-words").textContent = evaluation.nearest
      ? `each point's nearest of ${whole(this.centers.pickable)} centres`
      : `${this.place(evaluation.own)}, as stored`;
    this.cursor.renew(true);
    byId("explore-note").textContent = this.notes().join(" ");
    this.about(evaluation.own ?? -1);
  }

  /** Which of the centres to pick is nearest to what is shown. */
  close() {
    const row = this.evaluation.nearest ? this.middle() : this.centers.row(this.evaluation.own);
    return this.centers.nearest(Array.from(row, (value, i) => [i, value]));
  }

  /** A variable as a reader sees it. */
  name(variable) {
    return this.data.names[this.data.variables.indexOf(variable)];
  }

  /** A centre in words: x = 0, or (x, y) = (1, 2). */
  place(center) {
    return `${tuple(this.data.names)} = ${point(this.centers.row(center))}`;
  }

  /** The middle of what is shown. */
  middle() {
    return this.evaluation.all.map((values) => (values[0] + values[values.length - 1]) / 2);
  }

  notes() {
    const { evaluation, centers, data } = this;
    const fixed = Object.entries(evaluation.fixed).map(([name, value]) => `${this.name(name)} = ${number(value)}`);
    const part = (some, all, what) => some > 1 && some < all && `${whole(some)} of ${whole(all)} ${what} are here.`;
    return [
      fixed.length && `Everywhere ${fixed.join(", ")}.`,
      part(evaluation.points, evaluation.all_points, "points"),
      part(centers.pickable, centers.count, "centres"),
      part(data.order + 1, data.highest + 1, "degrees"),
      part(data.outputs, data.all_outputs, "outputs"),
      "Point at the plot for values, or go there by arrow keys.",
      centers.pickable > 1 && "Click, or press enter, to expand about the nearest centre there.",
      "Largest errors are over sampled points: no bounds.",
    ].filter(Boolean);
  }

  /** Expand about a centre; about each point's nearest where it is −1. */
  about(center) {
    this.center = center;
    const stored = center === (this.evaluation.own ?? -1);
    byId(stored ? "explore-stored" : "explore-one").checked = true;
    byId("explore-picks").classList.toggle("idle", stored);
    if (center >= 0 && center < this.centers.pickable) this._slide(center);
    else if (this.centers.pickable) this._slide(this.close());
    this.evaluate();
  }

  click(place) {
    if (this.centers.pickable < 2) return;
    const [first, second] = this.evaluation.places;
    const wanted = [[first, place.x], ...(second === undefined ? [] : [[second, place.y]])];
    const kept = Array.from(this.centers.row(this.picked()), (value, i) => [i, value]);
    this.about(this.centers.nearest([...wanted, ...kept.filter(([i]) => i !== first && i !== second)]));
  }

  evaluate() {
    const { evaluation, centers, center, output } = this;
    const of = center < 0 ? (i) => evaluation.nearest[i] : () => center;
    const truth = evaluation.values(output);
    this.sums = centers.sums(evaluation.all, of, output);
    this.errors = this.sums.map((values) => values.map((value, i) => Math.abs(truth[i] - value)));
    this.scale = errorScale(this.errors, truth, evaluation.rounding, DECADES[evaluation.axes.length]);
    const stored = center === (evaluation.own ?? -1) && evaluation.as_stored;
    this.totals = this.errors.map((errors, k) => (stored ? evaluation.stored(output, k) : extreme(errors)));
    document.querySelectorAll("#explore-degrees small").forEach((small, k) => {
      small.textContent = number(this.totals[k].largest, 2);
    });
    this.draw();
  }

  draw() {
    this.width = this.plot.clientWidth;
    const view = { ...this, letter: this.data.letter };
    const { data, layout } = (this.evaluation.axes.length === 1 ? lines : maps)(view, palette());
    Plotly.react(this.plot, data, layout, CONFIG);
    byId("explore-readout").textContent = this.words();
    const plotted = `Plot of ${view.letter} and T${lowered(view.degree)}, and of their difference`;
    byId("explore-picture").setAttribute("aria-label", `${plotted}. ${this.words()}.`);
    this.cursor.renew();
  }

  words() {
    const { largest, count } = this.totals[this.degree], name = `T${lowered(this.degree)}`;
    const place = this.center < 0 ? "the nearest centres" : this.place(this.center);
    const miss = `|${this.data.letter}\u00a0−\u00a0${name}|`;
    return `${name} about ${place}: largest ${miss} = ${number(largest)} over ${whole(count)} points`;
  }
}

const explorer = new Explorer(JSON.parse(document.querySelector("#explore script").textContent));
