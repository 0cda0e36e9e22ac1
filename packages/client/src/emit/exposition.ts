import { isLegacyLabelName, isLegacyMetricName, type Labels } from "@hms-ops/model";
import { formatSampleValue } from "@hms-ops/wire/prometheus-api";
import { eventsName, type Family, type Series } from "./family.ts";

/** How names beyond `[a-zA-Z0-9_:]` are written: as they are, or for scrapers that know no others. */
export type NameStyle = "quoted" | "underscores";

export interface ExposedFamily {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly ExposedSample[];
}

export interface ExposedSample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  /** Upper bound of a bucket. */
  readonly le?: number;
}

/** The style that a scraper's Accept header asks for. */
export function nameStyleFor(accept: string | undefined): NameStyle {
  return accept?.includes("escaping=allow-utf-8") ? "quoted" : "underscores";
}

/** A timer becomes four families, every other kind one. */
export function exposeFamily(family: Family): readonly ExposedFamily[] {
  const { name, kind, help } = family;
  const all = [...family.series.values()];
  const each = (exposed: string, value: (series: Series) => number): readonly ExposedSample[] =>
    all.map((series) => ({ name: exposed, labels: series.labels, value: value(series) }));
  if (kind === "histogram") return [histogram(name, help, all)];
  if (kind !== "timer") {
    return [{ name, type: kind, help, samples: each(name, ({ value }) => value) }];
  }
  const [counts, sums] = [`${name}_count`, `${name}_sum`];
  return [
    { name, type: "gauge", help, samples: each(name, ({ value }) => value) },
    { name: counts, type: "counter", help: "", samples: each(counts, ({ count }) => count) },
    { name: sums, type: "counter", help: "", samples: each(sums, ({ sum }) => sum) },
    histogram(eventsName(name), "", all),
  ];
}

function histogram(name: string, help: string, all: readonly Series[]): ExposedFamily {
  const samples = all.flatMap(({ labels, buckets, sum, count }) => {
    const rows: ExposedSample[] = (buckets?.cumulative() ?? []).map((bucket) => ({
      name: `${name}_bucket`,
      labels,
      value: bucket.count,
      le: bucket.upperBound,
    }));
    rows.push({ name: `${name}_bucket`, labels, value: count, le: Number.POSITIVE_INFINITY });
    rows.push({ name: `${name}_sum`, labels, value: sum });
    rows.push({ name: `${name}_count`, labels, value: count });
    return rows;
  });
  return { name, type: "histogram", help, samples };
}

/** Families without series are left out, and so is one whose escaped name another one has. */
export function writeFamilies(families: readonly ExposedFamily[], style: NameStyle): string {
  const written = new Set<string>();
  const lines: string[] = [];
  for (const family of families) {
    const name = nameText(family.name, style);
    if (family.samples.length === 0 || written.has(name)) continue;
    written.add(name);
    if (family.help !== "") lines.push(`# HELP ${name} ${escapeHelp(family.help)}`);
    lines.push(`# TYPE ${name} ${family.type}`);
    for (const sample of family.samples) lines.push(sampleLine(sample, style));
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function sampleLine({ name, labels, value, le }: ExposedSample, style: NameStyle): string {
  const isBare = style === "underscores" || isLegacyMetricName(name);
  const parts = isBare ? [] : [quoted(name)];
  for (let i = 0; i < labels.length; i += 2) {
    parts.push(`${labelText(labels[i] ?? "", style)}=${quoted(labels[i + 1] ?? "")}`);
  }
  if (le !== undefined) parts.push(`le="${formatSampleValue(le)}"`);
  const braces = parts.length === 0 ? "" : `{${parts.join(",")}}`;
  return `${isBare ? escapeName(name) : ""}${braces} ${formatSampleValue(value)}`;
}

function nameText(name: string, style: NameStyle): string {
  if (style === "underscores") return escapeName(name);
  return isLegacyMetricName(name) ? name : quoted(name);
}

function labelText(name: string, style: NameStyle): string {
  if (isLegacyLabelName(name)) return name;
  return style === "quoted" ? quoted(name) : escapeName(name).replaceAll(":", "_");
}

function escapeName(name: string): string {
  return isLegacyMetricName(name)
    ? name
    : name.replace(/[^a-zA-Z0-9_:]/gu, "_").replace(/^(?=\d)/, "_");
}

function quoted(text: string): string {
  return `"${escapeHelp(text).replaceAll('"', '\\"')}"`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
