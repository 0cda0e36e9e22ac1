import { formatSampleValue } from "@hms-ops/wire/prometheus-api";

/** A table for people: columns as wide as their longest cell, two blanks between. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** One document; `schema` rises when a member changes its meaning. JSON has no ±∞: they are texts. */
export function formatJson(value: object): string {
  return `${JSON.stringify({ schema: 1, ...value }, finiteOrText, 2)}\n`;
}

function finiteOrText(_name: string, value: unknown): unknown {
  const isLost = typeof value === "number" && !Number.isFinite(value);
  return isLost ? formatSampleValue(value) : value;
}

/** RFC 3339 in UTC, whole seconds where they are. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(".000Z", "Z");
}

/** `512 B`, `3.4 MiB`, `12.0 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `12 s`, `4 min`, `3 h`, `2 d`. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
