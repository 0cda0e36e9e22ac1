import { type Matcher, OpsError, parseTimestampMs, type TimeRange } from "@hms-ops/model";
import { parseSelector } from "@hms-ops/query";
import { type Call, textOf, textsOf } from "../../command.ts";
import { CLI_ERRORS } from "../../errors.ts";

export function refuse(command: string, reason: string): never {
  throw new OpsError(CLI_ERRORS.usage, { reason, command });
}

export function readWhole(
  command: string,
  flag: string,
  text: string | undefined,
  fallback: number,
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) refuse(command, `${flag} ${text} is no number from 1 on`);
  return value;
}

/** FOLDER, or --data-dir. */
export function readFolder(
  command: string,
  [folder]: readonly string[],
  values: Call["values"],
): string | undefined {
  const named = textOf(values["data-dir"]);
  if (folder !== undefined && named !== undefined) {
    refuse(command, "name the folder once, as FOLDER or with --data-dir");
  }
  return folder ?? named;
}

/** --from and --to; all of time where they are absent. */
export function readRange(command: string, values: Call["values"]): TimeRange {
  const read = (flag: string, fallback: number) => {
    const text = textOf(values[flag]);
    if (text === undefined) return fallback;
    const timeMs = parseTimestampMs(text);
    return (
      timeMs ?? refuse(command, `--${flag} ${text} is no time: 2026-11-21T08:00:00Z or seconds`)
    );
  };
  const fromMs = read("from", Number.MIN_SAFE_INTEGER);
  return { fromMs, toMs: read("to", Number.MAX_SAFE_INTEGER) };
}

/** Each --match; several are joined by "or". */
export function readMatches(
  command: string,
  values: Call["values"],
): readonly (readonly Matcher[])[] {
  return textsOf(values.match).map((text) => {
    const { matchers, diagnostics } = parseSelector(text);
    if (matchers) return matchers;
    return refuse(command, `--match ${text}: ${diagnostics[0]?.message ?? "it cannot be read"}`);
  });
}
