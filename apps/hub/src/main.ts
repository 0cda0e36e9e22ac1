import { setFlagsFromString } from "node:v8";
import { asTyped, OpsError, ownCommand } from "@hms-ops/model";
import { flagsNotTaken, type ParsedUp, parseArguments } from "./config/arguments.ts";
import { banner, runningText } from "./self/banner.ts";

/*
 * The launcher keeps main's own heap small by a flag; threads, made later, have bounds of their
 * own, which the flag would overrule.
 */
setFlagsFromString("--max-semi-space-size=0");

// Whoever reads our output may leave (`hms-ops up | head -1`); the hub goes on.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const command = ownCommand(process.env);
const EXIT = { failure: 1, usage: 2 } as const;
/**
 * A signal to a whole group (Ctrl-C, systemd, `timeout`) comes once more from each parent that
 * passes it on: npm, and what npm started. So soon it is no second wish.
 */
const SIGNAL_ECHO_MS = 500;

const parsed = parseArguments(process.argv.slice(2));

if (parsed.kind === "help") {
  process.stdout.write(asTyped(parsed.text, command));
} else if (parsed.kind === "wrong") {
  process.stderr.write(`${asTyped(parsed.message, command)}\n`);
  process.exitCode = EXIT.usage;
} else {
  await run(parsed);
}

/** Runs the hub until a signal ends it. What isn't needed for --help is loaded only here. */
async function run({ options, flags, given }: ParsedUp): Promise<void> {
  const { AnotherHub, startHub } = await import("./hub.ts");
  const { collectGarbage } = await import("./threads/garbage.ts");
  const { letCompilersStandBack, PATIENT } = await import("./threads/niceness.ts");
  letCompilersStandBack(PATIENT);
  const print = (text: string) => void process.stdout.write(text);
  const workingFolder = process.cwd();
  try {
    const starting = startHub({
      ...options,
      flags,
      workingFolder,
      environment: process.env,
      print,
      onListening: ({ url }) => print(`Dashboard running at ${url}\n`),
    });
    stopOnSignals(starting);
    const hub = await starting;
    print(`${asTyped(banner(hub, options), command)}\n`);
    // What only the start needed goes now, not in the first pause that somebody would notice.
    collectGarbage();
  } catch (error) {
    if (error instanceof AnotherHub) {
      const { running } = error;
      const notTaken = flagsNotTaken(given, { flags, workingFolder }, running);
      print(runningText(running, options.port, notTaken));
      process.exit(0);
    }
    process.stderr.write(`hms-ops: ${said(error)}\n`);
    process.exit(EXIT.failure);
  }
}

/** The first signal stops in order, the second at once. */
function stopOnSignals(starting: Promise<{ stop(): Promise<void> }>): void {
  let asked = false;
  let echoesAreOver = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (echoesAreOver) process.exit(signal === "SIGINT" ? 130 : 143);
    if (asked) return;
    asked = true;
    setTimeout(() => {
      echoesAreOver = true;
    }, SIGNAL_ECHO_MS);
    process.stderr.write("Stopping: writing everything down (again to end at once) ...\n");
    starting
      .then((hub) => hub.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`hms-ops: ${said(error)}\n`);
          process.exit(EXIT.failure);
        },
      );
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}

function said(error: unknown): string {
  if (error instanceof OpsError) {
    return `${error.message}\n${asTyped(error.mend, command)} (${error.code})`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
