import {
  formatFixed,
  formatGeneral,
  formatScientific,
  printValue,
  type TemplateValue,
} from "./values.ts";

const VERB = /%([-+# 0]*)(\d*)(?:\.(\d*))?([a-zA-Z%])/g;
const MOST_WIDTH = 200;

/** Go's fmt.Sprintf, for the verbs that texts use: %v %s %q %d %f %g %e %t %x %%. */
export function printf(format: string, values: readonly TemplateValue[]): string {
  let next = 0;
  const text = format.replace(
    VERB,
    (_all, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const shown = printVerb(verb, values[next++], precision, flags);
      const least = Math.min(MOST_WIDTH, Number(width || 0));
      if (flags.includes("-")) return shown.padEnd(least);
      if (!flags.includes("0") || verb === "s") return shown.padStart(least);
      const sign = /^[-+]/.exec(shown)?.[0] ?? "";
      return sign + shown.slice(sign.length).padStart(least - sign.length, "0");
    },
  );
  const extra = values.slice(next).map((value) => `${typeName(value)}=${printValue(value)}`);
  return extra.length > 0 ? `${text}%!(EXTRA ${extra.join(", ")})` : text;
}

function printVerb(
  verb: string,
  value: TemplateValue,
  precision: string | undefined,
  flags: string,
): string {
  const digits = precision === undefined ? undefined : Number(precision || 0);
  if (typeof value === "number") {
    const shown = printNumber(verb, value, digits);
    if (shown !== undefined) return flags.includes("+") && value >= 0 ? `+${shown}` : shown;
  } else if (verb === "s" || verb === "v") {
    const shown = printValue(value);
    return digits === undefined ? shown : [...shown].slice(0, digits).join("");
  } else if (verb === "q" && typeof value === "string") return JSON.stringify(value);
  else if (verb === "t" && typeof value === "boolean") return String(value);
  return `%!${verb}(${typeName(value)}=${printValue(value)})`;
}

function printNumber(verb: string, value: number, digits: number | undefined): string | undefined {
  if (verb === "v" || verb === "g") return formatGeneral(value, digits);
  if (verb === "f") return formatFixed(value, digits ?? 6);
  if (verb === "e") return formatScientific(value, digits ?? 6);
  const isWhole = Number.isSafeInteger(value);
  if (verb === "d") return isWhole ? String(value) : undefined;
  if (verb === "x") return isWhole ? value.toString(16) : undefined;
  return undefined;
}

function typeName(value: TemplateValue): string {
  if (typeof value === "number") return Number.isSafeInteger(value) ? "int" : "float64";
  return typeof value === "boolean" ? "bool" : "string";
}
