import type { ImportReport } from "@hms-ops/stores/tsdb/tools";
import { formatTime } from "../../output.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `1.4 GiB` */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1_024 && unit < UNITS.length - 1; unit++) value /= 1_024;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `1,234,567` */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

export function formatRange(range: { fromMs: number; toMs: number } | undefined): string {
  return range ? `${formatTime(range.fromMs)} to ${formatTime(range.toMs)}` : "nothing";
}

/** Of one sample, to two places. */
export function perSample(bytes: number, samples: number): string {
  return samples > 0 ? (bytes / samples).toFixed(2) : "";
}

/** The lines that tell what became of an import. */
export function formatImport({ accepted, rejections, skipped, problems }: ImportReport): string {
  const lines = [`${formatCount(accepted)} samples are in the store`];
  for (const [reason, { count, example }] of rejections) {
    lines.push(`${formatCount(count)} refused, ${reason}: ${example}`);
  }
  if (skipped > 0) lines.push(`${formatCount(skipped)} lines or chunks could not be read:`);
  for (const problem of problems) lines.push(`  ${problem}`);
  return lines.map((line) => `${line}\n`).join("");
}
