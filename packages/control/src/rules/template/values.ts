/** What a template's expressions yield. */
export type TemplateValue =
  | string
  | number
  | boolean
  | undefined
  | TemplateSample
  | HistogramValue
  | readonly TemplateValue[]
  | ReadonlyMap<string, TemplateValue>;

/** One element of a query's answer. */
export interface TemplateSample {
  readonly Labels: ReadonlyMap<string, TemplateValue>;
  readonly Value: number;
}

/** A native histogram: it can be printed, and no function takes it. */
export class HistogramValue {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Ends one template; its message becomes part of the text. */
export class TemplateError extends Error {}

export function isMap(value: TemplateValue): value is ReadonlyMap<string, TemplateValue> {
  return value instanceof Map;
}

export function isList(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

export function isSample(value: TemplateValue): value is TemplateSample {
  if (value instanceof HistogramValue) return false;
  return typeof value === "object" && !isMap(value) && !isList(value);
}

/** Go's truth: not zero, not empty. */
export function isTrue(value: TemplateValue): boolean {
  if (isMap(value)) return value.size > 0;
  if (isList(value)) return value.length > 0;
  return typeof value === "object" ? true : Boolean(value) || Number.isNaN(value);
}

/** As Go prints a value with `%v`. */
export function printValue(value: TemplateValue): string {
  if (value === undefined) return "<no value>";
  if (typeof value === "number") return formatGeneral(value);
  if (isList(value)) return `[${value.map(printValue).join(" ")}]`;
  if (isMap(value)) {
    const entries = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([name, entry]) => `${name}:${printValue(entry)}`).join(" ")}]`;
  }
  if (value instanceof HistogramValue) return value.text;
  if (isSample(value)) return `{${printValue(value.Labels)} ${printValue(value.Value)}}`;
  return String(value);
}

/** From here up Go prints the shortest form with an exponent. */
const SHORTEST_EXPONENT = 6;

/**
 * Go's `%g`: `precision` significant digits without trailing zeros, or as many as are needed to
 * read the same number again; an exponent below 1e-4, and from 10^precision (shortest: 10^6) up.
 */
export function formatGeneral(value: number, precision?: number): string {
  if (!Number.isFinite(value)) return formatInfinite(value);
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const shown = precision === undefined ? undefined : Math.min(100, Math.max(1, precision) - 1);
  const [mantissa = "", exponentText = "0"] = value.toExponential(shown).split("e");
  const exponent = Number(exponentText);
  const digits = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  const limit = precision === undefined ? SHORTEST_EXPONENT : Math.max(1, precision);
  if (exponent < -4 || exponent >= limit) return `${digits}e${formatExponent(exponent)}`;
  const decimals = Math.max(0, digits.replace(/[-.]/g, "").length - 1 - exponent);
  return Number(`${digits}e${exponent}`).toFixed(decimals);
}

/** Go's `%f`. */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return formatInfinite(value);
  if (Math.abs(value) < 1e21) return value.toFixed(Math.min(100, decimals));
  return decimals === 0
    ? BigInt(value).toString()
    : `${BigInt(value)}.${"0".repeat(Math.min(100, decimals))}`;
}

/** Go's `%e`. */
export function formatScientific(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return formatInfinite(value);
  const [mantissa = "", exponent = "0"] = value.toExponential(Math.min(100, decimals)).split("e");
  return `${mantissa}e${formatExponent(Number(exponent))}`;
}

function formatInfinite(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

/** At least two digits, always a sign. */
function formatExponent(exponent: number): string {
  return `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
