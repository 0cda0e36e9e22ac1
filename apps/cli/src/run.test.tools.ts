import { runCommandLine } from "./run.ts";

/** Runs `hms-ops WORDS…` beside no terminal: its exit code, its data, its talk. */
export async function runWords(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  let out = "";
  let said = "";
  const terminal = {
    data: (text: string) => {
      out += text;
    },
    say: (text: string) => {
      said += text;
    },
    isTerminal: false,
  };
  const code = await runCommandLine(words, terminal, environment);
  return { code, out, said };
}
