import { compareText, parseDurationMs } from "@hms-ops/model";
import { compilePartRegex, type PartRegex } from "@hms-ops/query/regex";
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from "./humanize.ts";
import { printf } from "./printf.ts";
import {
  isList,
  isMap,
  isSample,
  isTrue,
  printValue,
  TemplateError,
  type TemplateSample,
  type TemplateValue,
} from "./values.ts";

/** What functions may know of the world. */
interface FunctionContext {
  readonly externalUrl: string;
  readonly nowMs: number;
  /** The elements of a query at the evaluation time; asks for them if they are not at hand. */
  query(text: string): readonly TemplateSample[];
}

type TemplateFunction = (
  values: readonly TemplateValue[],
  context: FunctionContext,
) => TemplateValue;

/** Functions of rule templates by name; `and`, `or` stop early and so stand in expand.ts. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ["query", ([text], context) => context.query(textOf(text))],
  ["first", ([list]) => firstOf(list)],
  ["value", ([sample]) => sampleOf(sample).Value],
  ["label", ([name, sample]) => sampleOf(sample).Labels.get(textOf(name)) ?? ""],
  ["strvalue", ([sample]) => sampleOf(sample).Labels.get("__value__") ?? ""],
  ["sortByLabel", ([name, list]) => sortByLabel(textOf(name), list)],
  ["humanize", ([value]) => humanize(numberOf(value))],
  ["humanize1024", ([value]) => humanize1024(numberOf(value))],
  ["humanizePercentage", ([value]) => humanizePercentage(numberOf(value))],
  ["humanizeDuration", ([value]) => humanizeDuration(numberOf(value))],
  ["humanizeTimestamp", ([value]) => humanizeTimestamp(numberOf(value))],
  ["toTime", ([value]) => humanizeTimestamp(numberOf(value))],
  ["reReplaceAll", ([pattern, by, text]) => regexOf(pattern).replaceAll(textOf(text), textOf(by))],
  ["match", ([pattern, text]) => regexOf(pattern).contains(textOf(text))],
  ["parseDuration", ([text]) => secondsOf(textOf(text))],
  ["now", (_none, { nowMs }) => nowMs / 1000],
  ["title", ([text]) => textOf(text).replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, upperLast)],
  ["toUpper", ([text]) => textOf(text).toUpperCase()],
  ["toLower", ([text]) => textOf(text).toLowerCase()],
  ["stripPort", ([text]) => textOf(text).replace(/^(\[[^\]]*\]|[^:]*):\d+$/, "$1")],
  ["stripDomain", ([text]) => stripDomain(textOf(text))],
  ["externalURL", (_none, { externalUrl }) => externalUrl],
  ["pathPrefix", (_none, { externalUrl }) => pathOf(externalUrl)],
  ["graphLink", ([expr]) => graphLink(textOf(expr), 0)],
  ["tableLink", ([expr]) => graphLink(textOf(expr), 1)],
  ["urlQueryEscape", ([text]) => queryEscape(textOf(text))],
  ["urlquery", (values) => queryEscape(values.map(printValue).join(""))],
  ["safeHtml", ([text]) => textOf(text)],
  ["args", (values) => new Map(values.map((value, i) => [`arg${i}`, value]))],
  ["print", (values) => print(values)],
  ["println", (values) => `${values.map(printValue).join(" ")}\n`],
  ["printf", ([format, ...values]) => printf(textOf(format), values)],
  ["not", ([value]) => !isTrue(value)],
  ["eq", ([first, ...others]) => others.some((other) => isEqual(first, other))],
  ["ne", ([a, b]) => !isEqual(a, b)],
  ["lt", ([a, b]) => order(a, b) < 0],
  ["le", ([a, b]) => order(a, b) <= 0],
  ["gt", ([a, b]) => order(a, b) > 0],
  ["ge", ([a, b]) => order(a, b) >= 0],
  ["len", ([value]) => lengthOf(value)],
  ["slice", ([value, from, to]) => sliceOf(value, from, to)],
  ["html", (values) => escapedHtml(values.map(printValue).join(""))],
  ["js", (values) => escapedScript(values.map(printValue).join(""))],
  ["call", ([value]) => notCallable(value)],
  ["index", ([value, ...keys]) => keys.reduce(indexInto, value)],
]);

export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...FUNCTIONS.keys(), "and", "or"]);

function textOf(value: TemplateValue): string {
  if (typeof value === "string") return value;
  throw new TemplateError(`wrong type of value: wanted text, have ${printValue(value)}`);
}

/** Numbers, and texts that are numbers, as label values are. */
function numberOf(value: TemplateValue): number {
  if (typeof value === "number") return value;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (!Number.isNaN(number) || value === "NaN") return number;
  throw new TemplateError(`can't convert ${JSON.stringify(printValue(value))} to a number`);
}

function regexOf(pattern: TemplateValue): PartRegex {
  const compiled = compilePartRegex(textOf(pattern));
  if (typeof compiled === "string") throw new TemplateError(compiled);
  return compiled;
}

function sampleOf(value: TemplateValue): TemplateSample {
  if (isSample(value)) return value;
  throw new TemplateError(`wrong type of value: wanted a sample, have ${printValue(value)}`);
}

function listOf(value: TemplateValue): readonly TemplateValue[] {
  if (isList(value)) return value;
  throw new TemplateError(`wrong type of value: wanted a list, have ${printValue(value)}`);
}

function firstOf(value: TemplateValue): TemplateValue {
  const list = listOf(value);
  if (list.length === 0) throw new TemplateError("first() called on vector with no elements");
  return list[0];
}

function sortByLabel(name: string, value: TemplateValue): readonly TemplateValue[] {
  const labelOf = (sample: TemplateValue) => printValue(sampleOf(sample).Labels.get(name) ?? "");
  return [...listOf(value)].sort((a, b) => compareText(labelOf(a), labelOf(b)));
}

function secondsOf(text: string): number {
  const durationMs = parseDurationMs(text.replace(/^-/, ""));
  if (durationMs === undefined) throw new TemplateError(`not a valid duration string: "${text}"`);
  return (text.startsWith("-") ? -durationMs : durationMs) / 1000;
}

function upperLast(_all: string, before: string, letter: string): string {
  return before + letter.toUpperCase();
}

function stripDomain(text: string): string {
  const [, host = "", port = ""] = /^(.*?)(:\d+)?$/s.exec(text) ?? [];
  if (/^[\d.]+$/.test(host) || host.includes(":")) return text;
  return (host.split(".")[0] ?? "") + port;
}

function pathOf(url: string): string {
  return /^\w+:\/\/[^/]+(\/.*)?$/.exec(url)?.[1] ?? "";
}

function graphLink(expr: string, tab: number): string {
  return `/graph?g0.expr=${queryEscape(expr)}&g0.tab=${tab}`;
}

function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%20", "+")
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Go puts blanks between operands where neither is a text. */
function print(values: readonly TemplateValue[]): string {
  let text = "";
  for (const [i, value] of values.entries()) {
    const apart = i > 0 && typeof value !== "string" && typeof values[i - 1] !== "string";
    text += (apart ? " " : "") + printValue(value);
  }
  return text;
}

function isEqual(a: TemplateValue, b: TemplateValue): boolean {
  if (typeof a !== typeof b) throw new TemplateError("incompatible types for comparison");
  return a === b;
}

function order(a: TemplateValue, b: TemplateValue): number {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : Number(a > b);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  throw new TemplateError("incompatible types for comparison");
}

function lengthOf(value: TemplateValue): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  if (isMap(value)) return value.size;
  return listOf(value).length;
}

function sliceOf(value: TemplateValue, from: TemplateValue, to: TemplateValue): TemplateValue {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : undefined;
  const items = bytes ?? listOf(value);
  const start = from === undefined ? 0 : numberOf(from);
  const end = to === undefined ? items.length : numberOf(to);
  if (start < 0 || end > items.length || start > end) {
    throw new TemplateError(`index out of range: ${start > end ? start : end}`);
  }
  return bytes
    ? new TextDecoder().decode(bytes.slice(start, end))
    : listOf(value).slice(start, end);
}

const HTML: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&#34;",
  "'": "&#39;",
  "\u0000": "\uFFFD",
};

function escapedHtml(text: string): string {
  return [...text].map((sign) => HTML[sign] ?? sign).join("");
}

/** Quotes and backslashes with a backslash before them, what ends a script by its number. */
function escapedScript(text: string): string {
  return text
    .replace(/[\\'"]/g, (sign) => `\\${sign}`)
    .replace(/[<>&=\p{Cc}]/gu, (sign) => {
      const number = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      return `\\u${number}`;
    });
}

function notCallable(value: TemplateValue): never {
  throw new TemplateError(`error calling call: ${printValue(value)} is no function`);
}

function indexInto(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (isMap(value)) return value.get(textOf(key)) ?? "";
  const list = listOf(value);
  const index = numberOf(key);
  if (index < 0 || index >= list.length) throw new TemplateError(`index out of range: ${index}`);
  return list[index];
}
