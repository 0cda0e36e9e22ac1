import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { HubClient, HubError } from "@hms-ops/client";
import { asTyped, nearestWord, OpsError, ownCommand } from "@hms-ops/model";
import type { Call, Command, Terminal } from "./command.ts";
import { CLI_ERRORS } from "./errors.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { commandHelp, groupHelp, overviewHelp } from "./help.ts";
import { hubAddress } from "./hub-address.ts";
import { systemReason } from "./system-reason.ts";
import { COMMANDS } from "./table.ts";

const DEFAULT_URL = "http://127.0.0.1:9090";

const COMMON_OPTIONS = {
  help: { type: "boolean", short: "h" },
  output: { type: "string", short: "o" },
  url: { type: "string" },
  "token-file": { type: "string" },
  "no-color": { type: "boolean" },
} as const;

const EXIT_BY_KIND: Readonly<Record<HubError["kind"], ExitCode>> = {
  unreachable: EXIT.unreachable,
  timeout: EXIT.timeout,
  "not-a-hub": EXIT.unreachable,
  "not-found": EXIT.notFound,
  "not-allowed": EXIT.notAllowed,
  refused: EXIT.failure,
};

/** Runs `hms-ops WORDS…`; the result is the exit code. Never throws what a user can cause. */
export async function runCommandLine(
  words: readonly string[],
  terminal: Terminal,
  environment: Call["environment"],
): Promise<ExitCode> {
  const command = ownCommand(environment);
  // Talk names commands to type; data may hold the same words as its own.
  const talking = { ...terminal, say: (text: string) => terminal.say(asTyped(text, command)) };
  const teaching = { ...talking, data: (text: string) => terminal.data(asTyped(text, command)) };
  const [first = "help"] = words;
  if (first === "help" || first === "--help" || first === "-h") {
    return help(words.slice(1), teaching);
  }
  if (first === "--version" || first === "-v") {
    return runCommandLine(["version"], terminal, environment);
  }
  const row = findCommand(words);
  if (row === undefined) return unknownCommand(words, teaching);
  const { name } = row;
  const rest = words.slice(name.split(" ").length);
  try {
    return await runCommand(name, await row.load(), rest, talking, environment);
  } catch (error) {
    const known = knownError(error);
    if (known === undefined) throw error;
    talking.say(errorText(known));
    if (known instanceof HubError) return EXIT_BY_KIND[known.kind];
    return known.code === CLI_ERRORS.usage.code ? EXIT.usage : EXIT.failure;
  }
}

/** Ours, or what the system said to a file's path; undefined: a bug. */
function knownError(error: unknown): OpsError | undefined {
  if (error instanceof OpsError) return error;
  if (!(error instanceof Error && "syscall" in error)) return undefined;
  return new OpsError(CLI_ERRORS.refusedBySystem, { reason: error.message });
}

async function runCommand(
  name: string,
  command: Command,
  rest: readonly string[],
  terminal: Terminal,
  environment: Call["environment"],
): Promise<ExitCode> {
  const { values, positionals } = parse(name, command, rest);
  if (values.help) {
    terminal.data(asTyped(commandHelp(name, command), ownCommand(environment)));
    return EXIT.ok;
  }
  checkOutput(name, command, values.output);
  const [least, most] = command.words;
  if (positionals.length < least || positionals.length > most) {
    const reason = `${name} takes ${command.usage || "no words"}`;
    throw new OpsError(CLI_ERRORS.usage, { reason, command: name });
  }
  const clients = new Map<string | undefined, HubClient>();
  const hub = (url?: string) => {
    const client = clients.get(url) ?? openClient(name, values, environment, url);
    clients.set(url, client);
    return client;
  };
  return command.run({ words: positionals, values, terminal, environment, hub });
}

function parse(name: string, command: Command, rest: readonly string[]) {
  const options = { ...command.options, ...COMMON_OPTIONS };
  try {
    return parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = /Unknown option '--?([^']+)'/.exec(String(error))?.[1];
    const guess = unknown && nearestWord(unknown, Object.keys(options));
    const reason = unknown
      ? `there is no flag --${unknown}${guess ? `; did you mean --${guess}?` : ""}`
      : String(error instanceof Error ? error.message : error);
    throw new OpsError(CLI_ERRORS.usage, { reason, command: name });
  }
}

function checkOutput(name: string, { moreOutputs = [] }: Command, given: unknown): void {
  const outputs = ["table", "json", ...moreOutputs];
  if (given === undefined || outputs.includes(String(given))) return;
  const reason = `-o ${given} is not known: ${outputs.join(", ")}`;
  throw new OpsError(CLI_ERRORS.usage, { reason, command: name });
}

/** Where the hub is: --url, where the command knows it to be, HMS_OPS_URL, OPS_HUB, else here. */
function openClient(
  name: string,
  values: Call["values"],
  environment: Call["environment"],
  known: string | undefined,
): HubClient {
  const sources: readonly (readonly [source: string, given: unknown])[] = [
    ["--url", values.url],
    ["the address", known],
    ["HMS_OPS_URL", environment.HMS_OPS_URL],
    ["OPS_HUB", environment.OPS_HUB],
  ];
  const [source, given] = sources.find(([, one]) => one !== undefined) ?? ["", DEFAULT_URL];
  const url = hubAddress(String(given), source, name);
  const file = String(values["token-file"] ?? environment.HMS_OPS_TOKEN_FILE ?? "");
  const token = file ? readToken(file) : environment.HMS_OPS_TOKEN;
  return new HubClient(token ? { url, token } : { url });
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new OpsError(CLI_ERRORS.unreadableFile, { file, reason: systemReason(error) });
  }
}

/** By its first word or its first two: `query`, `tsdb export`. */
function findCommand(words: readonly string[]) {
  const [first = "", second = ""] = words;
  return COMMANDS.find(({ name }) => name === first || name === `${first} ${second}`);
}

async function help(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const row = findCommand(words);
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${words[0]} `));
  if (row) terminal.data(commandHelp(row.name, await row.load()));
  else if (group.length > 0) terminal.data(groupHelp(group));
  else terminal.data(overviewHelp(COMMANDS));
  return EXIT.ok;
}

async function unknownCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first = "", second = ""] = words;
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (group.length > 0 && (second === "" || second.startsWith("-"))) {
    return help(words, terminal);
  }
  const command = group.length > 0 ? `${first} ${second}` : first;
  const names = group.length > 0 ? group : [{ name: "up" }, ...COMMANDS];
  const near = nearestWord(
    command,
    names.map(({ name }) => name),
  );
  const list = group.length > 0 ? `hms-ops ${first}` : "hms-ops help";
  const guess = `${near ? `did you mean hms-ops ${near}? ` : ""}${list} lists the commands`;
  const error = new OpsError(CLI_ERRORS.unknownCommand, { command, guess });
  terminal.say(errorText(error));
  return EXIT.usage;
}

/** What failed, the code under which docs/errors explains it, and what to type next. */
function errorText({ message, code, mend }: OpsError): string {
  return `hms-ops: ${message} (${code})\n${mend ? `  ${mend}\n` : ""}`;
}
