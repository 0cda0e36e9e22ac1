import { isatty } from "node:tty";
import { runCommandLine } from "./run.ts";

process.exitCode = await runCommandLine(
  process.argv.slice(2),
  {
    data: (text) => void process.stdout.write(text),
    say: (text) => void process.stderr.write(text),
    isTerminal: isatty(1),
  },
  process.env,
);
