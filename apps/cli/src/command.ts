import type { ParseArgsOptionsConfig } from "node:util";
import type { HubClient } from "@hms-ops/client";
import type { ExitCode } from "./exit-codes.ts";

/** One command of `hms-ops`. Its module is loaded when it is called, so that --help stays quick. */
export interface Command {
  /** Behind the name: `'EXPR'`. */
  readonly usage: string;
  /** Shown first in --help: at least one, each can be pasted. */
  readonly examples: readonly string[];
  /** Flag to one line of explanation. */
  readonly flags: Readonly<Record<string, string>>;
  readonly options: ParseArgsOptionsConfig;
  /** What -o takes beside table and json. */
  readonly moreOutputs?: readonly string[];
  /** Least and most positional words. */
  readonly words: readonly [number, number];
  readonly run: (call: Call) => Promise<ExitCode>;
}

export interface Call {
  readonly words: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Made at first use, so that offline commands need no hub. `url` is where, unless --url says. */
  hub(url?: string): HubClient;
}

/** stdout is data, stderr is talk. */
export interface Terminal {
  data(text: string): void;
  /** Settles when what was handed over is taken; for data of any length. */
  drained?(): Promise<void>;
  say(text: string): void;
  readonly isTerminal: boolean;
}

export function textOf(value: Call["values"][string]): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function textsOf(value: Call["values"][string]): readonly string[] {
  return Array.isArray(value) ? value : typeof value === "string" ? [value] : [];
}
