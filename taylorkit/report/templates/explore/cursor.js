"use strict";
// The plot without a pointer: arrow keys go from point to point, and what lies there is said.

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] };
const FAR = 10; // points at once, with the shift key

class Cursor {
  constructor(explorer) {
    this.explorer = explorer;
    this.picture = byId("explore-picture");
    this.at = null;
    this.picture.addEventListener("keydown", (event) => this.press(event));
    this.picture.addEventListener("blur", () => this.leave());
  }

  press(event) {
    const { evaluation } = this.explorer, sizes = evaluation.coordinates.map((values) => values.length);
    if (event.key === "Enter" && this.at) this.explorer.click({ x: this.place(0), y: this.place(1) });
    const [axis, way] = STEPS[event.key] ?? [];
    if (event.ctrlKey || event.altKey || event.metaKey || !(axis < sizes.length)) return;
    event.preventDefault();
    this.at ??= sizes.map((size) => Math.floor(size / 2));
    this.at[axis] = Math.min(sizes[axis] - 1, Math.max(0, this.at[axis] + way * (event.shiftKey ? FAR : 1)));
    this.show();
  }

  /** The coordinate along an axis; undefined where there is no such axis. */
  place(axis) {
    return this.explorer.evaluation.coordinates[axis]?.[this.at[axis]];
  }

  /** Point where the cursor is, and say what is there. */
  show() {
    const { data, degree, evaluation, errors, output, plot, sums } = this.explorer;
    const p = this.at.reduce((flat, i, axis) => flat * evaluation.coordinates[axis].length + i, 0);
    const place = this.at.map((_, axis) => number(this.place(axis), 5)), name = `T${lowered(degree)}`;
    byId("explore-point").textContent = [
      `${tuple(evaluation.names)} = ${tuple(place)}: ${data.letter} = ${number(evaluation.values(output)[p], 6)}`,
      `${name} = ${number(sums[degree][p], 6)}`,
      `|${data.letter}\u00a0−\u00a0${name}| = ${number(errors[degree][p])}`,
    ].join(", ");
    Plotly.Fx.hover(plot, { xval: this.place(0), yval: this.place(1) ?? evaluation.values(output)[p] }, "xy");
  }

  /** After something was chosen: the point stays, unless there are others now. */
  renew(forget = false) {
    if (forget) this.leave();
    else if (this.at) this.show();
  }

  leave() {
    if (!this.at) return;
    this.at = null;
    byId("explore-point").textContent = "";
    Plotly.Fx.unhover(this.explorer.plot);
  }
}
