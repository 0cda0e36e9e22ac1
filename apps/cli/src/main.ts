import { isatty } from "node:tty";
import { runCommandLine } from "./run.ts";

// Whoever reads our output may leave (`hms-ops tsdb export | head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

process.exitCode = await runCommandLine(
  process.argv.slice(2),
  {
    data: (text) => void process.stdout.write(text),
    drained: () => new Promise((resolve) => process.stdout.write("", () => resolve())),
    say: (text) => void process.stderr.write(text),
    isTerminal: isatty(1),
  },
  process.env,
);
