import { resolve } from "node:path";
import { formatDurationMs, nearestWord, parseDurationMs } from "@hms-ops/model";
import { parseRetentionSize, type RetentionSize } from "./retention-size.ts";

/** What `hms-ops up` was asked for. */
export interface UpOptions {
  /** Empty = both loopback addresses. */
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Empty = none: the hub watches itself, this machine and what it finds on it. */
  readonly configFile: string;
  readonly retentionMs: number;
  readonly retentionSize: RetentionSize;
  readonly aliases: boolean;
  readonly discovery: boolean;
  /** Empty = the machine's name. */
  readonly name: string;
  readonly demo: boolean;
  readonly tokenFile: string;
  readonly allowInsecure: boolean;
  readonly features: readonly string[];
  readonly logLevel: LogLevel;
}

export type LogLevel = "info" | "warn" | "error";

export interface ParsedUp {
  readonly kind: "up";
  readonly options: UpOptions;
  /** All of them, also those that nobody gave. */
  readonly flags: Readonly<Record<string, string>>;
  /** Names of those that were given. */
  readonly given: readonly string[];
}

export type ParsedArguments =
  | ParsedUp
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "wrong"; readonly message: string };

interface Flag {
  readonly name: string;
  /** Empty = a switch without a value. */
  readonly value: string;
  readonly fallback: string;
  readonly help: string;
}

/** 13 months: longer than "next month's hearing", and a year to compare with. */
const RETENTION = "396d";

const FLAGS = [
  { name: "port", value: "PORT", fallback: "9090", help: "page, API and ingest; 0 = any free one" },
  { name: "data-dir", value: "DIR", fallback: "./hms-ops-data", help: "where everything is kept" },
  { name: "demo", value: "", fallback: "", help: "run a small simulated agency beside the hub" },
  {
    name: "config",
    value: "FILE",
    fallback: "",
    help: "hms-ops.yaml: scrape_configs, route, receivers",
  },
  { name: "retention", value: "TIME", fallback: RETENTION, help: "how long samples are kept" },
  {
    name: "retention-size",
    value: "SIZE",
    fallback: "80%",
    help: "of the disk, or 50GB …: beyond it the oldest go",
  },
  {
    name: "name",
    value: "NAME",
    fallback: "",
    help: "shown on every page (else the machine's name)",
  },
  { name: "host", value: "HOST", fallback: "", help: "listen there too; needs a token" },
  {
    name: "token-file",
    value: "FILE",
    fallback: "",
    help: "the token callers must send (or HMS_OPS_TOKEN)",
  },
  { name: "allow-insecure", value: "", fallback: "", help: "listen on --host without a token" },
  {
    name: "no-aliases",
    value: "",
    fallback: "",
    help: "open only the one port (not 3000, 9091, 9093)",
  },
  {
    name: "no-discovery",
    value: "",
    fallback: "",
    help: "do not look for services on this machine",
  },
  {
    name: "enable-feature",
    value: "NAMES",
    fallback: "",
    help: "experimental parts, comma-separated, or all",
  },
  {
    name: "log-level",
    value: "LEVEL",
    fallback: "warn",
    help: "what stderr shows: info, warn or error",
  },
  { name: "help", value: "", fallback: "", help: "this text" },
] as const satisfies readonly Flag[];

type FlagName = (typeof FLAGS)[number]["name"];

/** As a hub was started, so that the next `up` can tell in what it would have been another one. */
export interface StartedWith {
  readonly flags: Readonly<Record<string, string>>;
  readonly workingFolder: string;
}

/** The data folder is how the other hub was found; where that one listens is told by its address. */
const TOLD_OTHERWISE: readonly string[] = ["data-dir", "port"];

/** Reads what stands after `hms-ops up`; never throws. */
export function parseArguments(words: readonly string[]): ParsedArguments {
  const given = new Map<FlagName, string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const [, name = "", , inline] = /^--?([\w-]+)(=(.*))?$/s.exec(word) ?? [];
    if (name === "h") return { kind: "help", text: helpText() };
    const flag = FLAGS.find((row) => row.name === name);
    if (!flag) return wrong(unknownText(word, name));
    if (flag.value === "") {
      if (inline !== undefined) return wrong(`--${name} takes no value.`);
      given.set(flag.name, "true");
      continue;
    }
    const value = inline ?? words[++i];
    if (value === undefined) return wrong(`--${name} needs a value: --${name} ${flag.value}.`);
    // As with Prometheus, features may be named one flag at a time.
    const before = flag.name === "enable-feature" ? given.get(flag.name) : undefined;
    given.set(flag.name, before === undefined ? value : `${before},${value}`);
  }
  return given.has("help") ? { kind: "help", text: helpText() } : readFlags(given);
}

function readFlags(given: ReadonlyMap<FlagName, string>): ParsedArguments {
  const text = (name: FlagName) =>
    given.get(name) ?? FLAGS.find((flag) => flag.name === name)?.fallback ?? "";
  const port = Number(text("port"));
  if (!/^\d+$/.test(text("port")) || port > 65_535) {
    return wrong(`--port ${text("port")} is no port: give a number from 0 to 65535.`);
  }
  const retentionMs = parseDurationMs(text("retention"));
  if (!retentionMs) return wrong(`--retention ${text("retention")} is no time: 90d, 12h, 1y …`);
  const retentionSize = parseRetentionSize(text("retention-size"));
  if (!retentionSize) {
    return wrong(`--retention-size ${text("retention-size")} is no size: 80%, 50GB, 500MB …`);
  }
  const logLevel = (["info", "warn", "error"] as const).find(
    (level) => level === text("log-level"),
  );
  if (!logLevel) return wrong(`--log-level ${text("log-level")}: give info, warn or error.`);
  const flags = Object.fromEntries(
    FLAGS.map(({ name, value }) => [
      name,
      given.get(name) ?? (value === "" ? "false" : text(name)),
    ]),
  );
  const options: UpOptions = {
    host: text("host"),
    port,
    dataDir: text("data-dir"),
    configFile: text("config"),
    retentionMs,
    retentionSize,
    aliases: !given.has("no-aliases"),
    discovery: !given.has("no-discovery"),
    name: text("name"),
    demo: given.has("demo"),
    tokenFile: text("token-file"),
    allowInsecure: given.has("allow-insecure"),
    features: text("enable-feature").split(",").filter(Boolean),
    logLevel,
  };
  return {
    kind: "up",
    options,
    flags: { ...flags, retention: formatDurationMs(retentionMs) },
    given: [...given.keys()],
  };
}

/** Flags given to an `up` in which the hub that runs already differs, as they are typed. */
export function flagsNotTaken(
  given: readonly string[],
  wanted: StartedWith,
  running: StartedWith,
): readonly string[] {
  return FLAGS.filter(({ name, value }) => {
    if (!given.includes(name) || TOLD_OTHERWISE.includes(name)) return false;
    const [want = "", has = ""] = [wanted.flags[name], running.flags[name]];
    if (value !== "FILE") return want !== has;
    return resolve(wanted.workingFolder, want) !== resolve(running.workingFolder, has);
  }).map(({ name, value }) => (value === "" ? `--${name}` : `--${name} ${wanted.flags[name]}`));
}

function wrong(message: string): ParsedArguments {
  return { kind: "wrong", message: `${message}\nSee: hms-ops up --help` };
}

function unknownText(word: string, name: string): string {
  const guess = nearestWord(
    name,
    FLAGS.map((flag) => flag.name),
  );
  const hint = guess ? ` Did you mean --${guess}?` : "";
  return `hms-ops up does not know ${word}.${hint}`;
}

function helpText(): string {
  const rows = FLAGS.map(({ name, value, fallback, help }) => {
    const left = value === "" ? `--${name}` : `--${name} ${value}`;
    return `  ${left.padEnd(22)} ${help}${fallback === "" ? "" : ` (${fallback})`}`;
  });
  return `hms-ops up: start the hub (page, metrics, alerts) in this folder.

Examples:
  hms-ops up                          watch this machine and what runs on it
  hms-ops up --demo                   with a small simulated agency
  hms-ops up --config hms-ops.yaml    scrape what the file names

Flags:
${rows.join("\n")}

Environment:
  HMS_OPS_WEBHOOK=URL    the web hook that hears of alerts whose rule names nobody

A configuration that was changed is read again by: curl -X POST http://localhost:9090/-/reload
`;
}
