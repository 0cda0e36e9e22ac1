import { isLegacyMetricName } from "@hms-ops/model";

/** How names that not every reader knows are written for one who scrapes. */
export type NameEscaping = "allow-utf-8" | "underscores" | "dots" | "values";

const ESCAPINGS: ReadonlySet<string> = new Set(["allow-utf-8", "underscores", "dots", "values"]);
const TEXT_VERSIONS: ReadonlySet<string> = new Set(["", "0.0.4", "1.0.0"]);

/**
 * What an Accept header asks of names in the text format, as Prometheus reads it: the last
 * `escaping` up to the first entry that is this format. Whoever says nothing of it may fail over
 * quoted names, and is given underscores.
 */
export function acceptedEscaping(accept: string | undefined): NameEscaping {
  let escaping: NameEscaping = "underscores";
  for (const { type, parameters } of byWeight(accept ?? "")) {
    const asked = parameters.get("escaping") ?? "";
    if (ESCAPINGS.has(asked)) escaping = asked as NameEscaping;
    if (type === "text/plain" && TEXT_VERSIONS.has(parameters.get("version") ?? "")) break;
  }
  return escaping;
}

function byWeight(accept: string) {
  const entries = accept.split(",").map((entry) => {
    const [type = "", ...rest] = entry.split(";").map((text) => text.trim());
    const parameters = new Map(rest.map((text) => text.split("=", 2) as [string, string]));
    const weight = Number(parameters.get("q") ?? 1);
    return { type: type.toLowerCase(), parameters, weight: Number.isNaN(weight) ? 1 : weight };
  });
  return entries.sort((a, b) => b.weight - a.weight);
}

/** The name of a metric or label as `escaping` has it; names of ASCII stay as they are. */
export function escapedName(name: string, escaping: NameEscaping): string {
  if (escaping === "allow-utf-8" || isLegacyMetricName(name)) return name;
  let escaped = escaping === "values" ? "U__" : "";
  for (const [i, character] of [...name].entries()) {
    const isLegacy = /[a-zA-Z:]/.test(character) || (i > 0 && /\d/.test(character));
    if (isLegacy) escaped += character;
    else if (escaping === "underscores") escaped += "_";
    else if (character === "_") escaped += "__";
    else if (escaping === "dots") escaped += character === "." ? "_dot_" : "__";
    else escaped += `_${character.codePointAt(0)?.toString(16)}_`;
  }
  return escaped;
}
