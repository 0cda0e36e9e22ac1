/**
 * A number as Prometheus writes sample values: the shortest decimal that reads back as the same
 * number, an exponent of at least two digits below 1e-6 and from 1e21 up, `+Inf`, `-Inf`, `NaN`.
 */
export function formatSampleValue(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  const text = String(value);
  const exponent = text.length > 3 ? text.indexOf("e") : -1;
  // JavaScript switches at the same magnitudes, but writes a one-digit exponent as it is.
  if (exponent < 0 || text.length - exponent > 3) return text;
  return `${text.slice(0, exponent + 2)}0${text.slice(exponent + 2)}`;
}

/** The same number without an exponent: `1e-7` is `0.0000001`. */
export function formatPlainNumber(value: number): string {
  const text = formatSampleValue(value);
  const exponent = text.indexOf("e");
  if (exponent < 0) return text;
  const sign = text.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = text.slice(sign.length, exponent).split(".");
  const digits = whole + fraction;
  const point = whole.length + Number(text.slice(exponent + 1));
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0");
}

/** Always with an exponent, as alert values are written: `1e+00`, `3.14e+00`. */
export function formatExponentNumber(value: number): string {
  if (!Number.isFinite(value)) return formatSampleValue(value);
  const text = Object.is(value, -0) ? "-0e+0" : value.toExponential();
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/**
 * Values of `le` and `quantile` as scraping stores them: one spelling a number, so that `1`, `1.0`
 * and `1e0` name one bucket. An exponent below 1e-4 and from 1e6 up; `.0` where a whole number has
 * neither dot nor exponent.
 */
export function formatBucketBound(value: number): string {
  if (!Number.isFinite(value) || value === 0) {
    const text = formatSampleValue(value);
    return value === 0 ? `${text}.0` : text;
  }
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return formatExponentNumber(value);
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}
