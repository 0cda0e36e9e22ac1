import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { HubClient, HubError } from "@hms-ops/client";
import { nearestWord, OpsError } from "@hms-ops/model";
import type { Call, Command, Terminal } from "./command.ts";
import { CLI_ERRORS } from "./errors.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { commandHelp, overviewHelp } from "./help.ts";
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
  const [name = "help", ...rest] = words;
  if (name === "help" || name === "--help" || name === "-h") return help(rest[0], terminal);
  if (name === "--version" || name === "-v")
    return runCommandLine(["version"], terminal, environment);
  const row = COMMANDS.find((command) => command.name === name);
  if (row === undefined) return unknownCommand(name, terminal);
  try {
    const command = await row.load();
    return await runCommand(name, command, rest, terminal, environment);
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    terminal.say(errorText(error));
    if (error instanceof HubError) return EXIT_BY_KIND[error.kind];
    return error.code === CLI_ERRORS.usage.code ? EXIT.usage : EXIT.failure;
  }
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
    terminal.data(commandHelp(name, command));
    return EXIT.ok;
  }
  const [least, most] = command.words;
  if (positionals.length < least || positionals.length > most) {
    const reason = `${name} takes ${command.usage || "no words"}`;
    throw new OpsError(CLI_ERRORS.usage, { reason, command: name });
  }
  let client: HubClient | undefined;
  const hub = () => {
    client ??= openClient(values, environment);
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

/** Where the hub is: --url, HMS_OPS_URL, OPS_HUB, else this machine. */
function openClient(values: Call["values"], environment: Call["environment"]): HubClient {
  const url = String(values.url ?? environment.HMS_OPS_URL ?? environment.OPS_HUB ?? DEFAULT_URL);
  const file = String(values["token-file"] ?? environment.HMS_OPS_TOKEN_FILE ?? "");
  const token = file ? readToken(file) : environment.HMS_OPS_TOKEN;
  return new HubClient(token ? { url, token } : { url });
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsError(CLI_ERRORS.unreadableFile, { file, reason });
  }
}

async function help(name: string | undefined, terminal: Terminal): Promise<ExitCode> {
  const row = COMMANDS.find((command) => command.name === name);
  terminal.data(row && name ? commandHelp(name, await row.load()) : overviewHelp(COMMANDS));
  return EXIT.ok;
}

function unknownCommand(command: string, terminal: Terminal): ExitCode {
  const near = nearestWord(command, ["up", ...COMMANDS.map(({ name }) => name)]);
  const guess = near ? `did you mean hms-ops ${near}?` : "hms-ops help lists the commands";
  const error = new OpsError(CLI_ERRORS.unknownCommand, { command, guess });
  terminal.say(errorText(error));
  return EXIT.usage;
}

/** What failed, the code under which docs/errors explains it, and what to type next. */
function errorText({ message, code, mend }: OpsError): string {
  return `hms-ops: ${message} (${code})\n${mend ? `  ${mend}\n` : ""}`;
}
