"use strict";
// Numbers and names as the page writes them, its tables and figures too.

const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (digits) => String(digits).replace(/[-0-9]/g, (c) => RAISED["-0123456789".indexOf(c)]);
const lowered = (digits) => String(digits).replace(/[0-9]/g, (c) => "₀₁₂₃₄₅₆₇₈₉"[c]);
const power = (exponent) => "10" + raised(exponent);
const minus = (text) => text.replace("-", "−");

/** A number as a reader writes it: 0.4621, 1.5·10⁻⁷, ∞; – where there is none. */
function number(value, digits = 4) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < digits) return minus(short(value.toFixed(Math.max(0, digits - 1 - exponent))));
  const factor = minus(short(mantissa)), tens = power(Number(exponent));
  return { "1": tens, "−1": "−" + tens }[factor] ?? `${factor}·${tens}`;
}

/** A count, its thousands apart. */
const whole = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** 0.5, or (0.5, 0.25); of more than six the first two and the last. */
function tuple(parts) {
  const shown = parts.length > 6 ? [...parts.slice(0, 2), "…", parts.at(-1)] : parts;
  return parts.length === 1 ? parts[0] : `(${shown.join(", ")})`;
}

const point = (row, digits = 4) => tuple(Array.from(row, (value) => number(value, digits)));

/** What the plotting library would read as markup or as a place to fill in. */
const literal = (text) => text.replace(/[&<>%{}]/g, (c) => `&#${c.charCodeAt(0)};`);
