/** Shortest form that is never an exponent. */
export function plainNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  const exponent = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!exponent) return text;
  const [, minus = "", first = "", rest = "", power = "0"] = exponent;
  const shift = Number(power);
  const digits = first + rest;
  if (shift < 0) return `${minus}0.${"0".repeat(-shift - 1)}${digits}`;
  return minus + digits.padEnd(shift + 1, "0");
}

/** Go's `%g`: an exponent, two digits long, below 1e-4 and from 1e6 on. */
export function goNumber(value: number): string {
  if (!Number.isFinite(value) || value === 0) return plainNumber(value);
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return plainNumber(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** As exposition formats write floats in labels: with a dot where there is no exponent. */
export function openMetricsNumber(value: number): string {
  const text = goNumber(value);
  return Number.isFinite(value) && !/[.e]/.test(text) ? `${text}.0` : text;
}

/** Go's `%.2g` for two digits: trailing zeros are left out. */
export function roundedNumber(value: number, digits: number): string {
  if (!Number.isFinite(value) || value === 0) return plainNumber(value);
  const rounded = Number(value.toPrecision(digits));
  const [mantissa = "", power = "0"] = rounded.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) return plainNumber(rounded);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
