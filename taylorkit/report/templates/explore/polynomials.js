"use strict";
// The page's numbers, and Taylor polynomials evaluated from them; nothing here draws.
//
//   T_k(x) = Σ_{|α| ≤ k} c_α (x − x₀)^α

/** Numbers out of base64: little-endian, as every machine with a browser is. */
function unpacked(text, Type = Float64Array) {
  return new Type(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

/** For each term after the first: the variable that it begins with, and the term that is left without it. */
function families(exponents) {
  const places = new Map(exponents.map((alpha, term) => [alpha.join(), term]));
  return exponents.slice(1).map((alpha) => {
    const variable = alpha.findIndex((power) => power > 0);
    return { variable, parent: places.get(alpha.map((power, i) => power - (i === variable)).join()) };
  });
}

/** The centres of a page: where they are, their coefficients, and which can be picked. */
class Centers {
  constructor(data) {
    const { rows, coefficients, picks, scattered, count } = data.centers;
    this.rows = unpacked(rows);
    this.coefficients = unpacked(coefficients);
    this.variables = data.variables.length;
    this.exponents = data.exponents;
    this.families = families(data.exponents);
    this.degrees = data.exponents.map((alpha) => alpha.reduce((sum, power) => sum + power, 0));
    this.outputs = data.outputs;
    this.order = data.order;
    Object.assign(this, { picks, scattered, count });
    this.pickable = picks.length ? picks.reduce((product, { length }) => product * length, 1) : 0;
  }

  row(center) {
    return this.rows.subarray(center * this.variables, (center + 1) * this.variables);
  }

  /** f at a centre, which is T₀. */
  value(center, output) {
    return this.coefficients[(center * this.outputs + output) * this.exponents.length];
  }

  /** The nearest centre to pick, to a point of which `wanted` holds some variables, by their number. */
  nearest(wanted) {
    let best = 0, least = Infinity;
    for (let center = 0; center < this.pickable; center++) {
      const row = this.row(center);
      let distance = 0;
      for (const [variable, value] of wanted) distance += (row[variable] - value) ** 2;
      if (distance < least) [best, least] = [center, distance];
    }
    return best;
  }

  /** T_0 … T_n at points (one array of coordinates for each variable): an array for each degree. `of(i)`: whose. */
  sums(points, of, output) {
    const count = points[0].length, terms = this.exponents.length;
    const sums = Array.from({ length: this.order + 1 }, () => new Float64Array(count).fill(NaN));
    const monomials = new Float64Array(terms), delta = new Float64Array(this.variables);
    monomials[0] = 1;
    for (let i = 0; i < count; i++) {
      const center = of(i);
      if (center < 0) continue;
      const row = this.row(center), start = (center * this.outputs + output) * terms;
      for (let v = 0; v < delta.length; v++) delta[v] = points[v][i] - row[v];
      for (let term = 0, sum = 0, degree = 0; degree <= this.order; degree++) {
        for (let part = 0; ; term++) {
          if (term === terms || this.degrees[term] > degree) {
            sums[degree][i] = sum += part;
            break;
          }
          if (term) {
            const { variable, parent } = this.families[term - 1];
            monomials[term] = monomials[parent] * delta[variable];
          }
          part += this.coefficients[start + term] * monomials[term];
        }
      }
    }
    return sums;
  }
}

/** One evaluation: the points that the page holds, f there, and what the artifact says of its errors. */
class Evaluation {
  constructor(data, { variables, names, order }) {
    Object.assign(this, data);
    this.order = order;
    this.places = data.axes.map((axis) => variables.indexOf(axis));
    this.names = this.places.map((variable) => names[variable]);
    this.coordinates = data.coordinates.map((text) => unpacked(text));
    this.truth = unpacked(data.truth);
    this.nearest = data.nearest && unpacked(data.nearest, Int32Array);
    this.max_error = unpacked(data.max_error);
    this.samples = unpacked(data.samples);
    this.all = variables.map((name) => new Float64Array(this.points).fill(data.fixed[name]));
    const inner = this.coordinates.length > 1 ? this.coordinates[1].length : 1;
    for (let i = 0; i < this.points; i++) {
      const at = [Math.floor(i / inner), i % inner];
      this.places.forEach((variable, axis) => { this.all[variable][i] = this.coordinates[axis][at[axis]]; });
    }
  }

  values(output) {
    return this.truth.subarray(output * this.points, (output + 1) * this.points);
  }

  /** The largest error and the number of samples, as the artifact holds them. */
  stored(output, degree) {
    const place = output * (this.order + 1) + degree;
    return { largest: this.max_error[place], count: this.samples[place] };
  }
}

/** The largest finite number, and how many are finite; NaN where none is. */
function extreme(errors) {
  let largest = NaN, count = 0;
  for (const error of errors) {
    if (!Number.isFinite(error)) continue;
    count++;
    if (!(error <= largest)) largest = error;
  }
  return { largest, count };
}

/** From a power of ten below the smallest error, but not below the rounding of f, to one above the largest. */
function errorScale(everyDegree, truth, rounding, decades) {
  let smallest = Infinity, largest = 0, reach = 0;
  for (const errors of everyDegree) {
    for (const error of errors) {
      if (!Number.isFinite(error)) continue;
      smallest = Math.min(smallest, error);
      largest = Math.max(largest, error);
    }
  }
  for (const value of truth) if (Number.isFinite(value)) reach = Math.max(reach, Math.abs(value));
  const least = rounding * (reach || largest || 1);
  const ceiling = Math.ceil(Math.log10(Math.max(largest, least)));
  const floor = Math.floor(Math.log10(Math.max(least, Math.min(smallest, largest))));
  return { floor: Math.max(Math.min(floor, ceiling - 1), ceiling - decades), ceiling };
}
