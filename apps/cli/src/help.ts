import type { Command } from "./command.ts";

const COMMON_FLAGS: Readonly<Record<string, string>> = {
  "-o table|json": "how to print (json is one document, for programs)",
  "--url URL": "the hub; else $HMS_OPS_URL, $OPS_HUB, http://127.0.0.1:9090",
  "--token-file FILE": "token for a hub with login; else $HMS_OPS_TOKEN_FILE, $HMS_OPS_TOKEN",
};

export function commandHelp(name: string, command: Command): string {
  const examples = command.examples.map((line) => `  ${line}\n`).join("");
  const usage = `hms-ops ${name} ${command.usage} [flags]`.replace(/ +/g, " ");
  return `Examples:\n${examples}\nUsage: ${usage}\n\nFlags:\n${flagLines({ ...command.flags, ...COMMON_FLAGS })}`;
}

export function overviewHelp(commands: readonly { name: string; about: string }[]): string {
  const rows = [
    { name: "up", about: "start the hub: everything in one process (hms-ops up --help)" },
    ...commands,
  ];
  const lines = rows.map(({ name, about }) => `  ${name.padEnd(15)}${about}\n`).join("");
  return `hms-ops: mission control for public-sector software

Examples:
  hms-ops up --demo
  hms-ops query 'sum(rate(requests_total[5m]))'
  hms-ops alerts

Commands:
${lines}
hms-ops COMMAND --help shows examples and flags. Exit codes: 0 done, 1 failed, 2 wrong usage,
3 findings, 4 not found, 5 not allowed, 6 hub not reachable, 7 timed out.
`;
}

/** Commands that share their first word. */
export function groupHelp(commands: readonly { name: string; about: string }[]): string {
  const lines = commands.map(({ name, about }) => `  ${name.padEnd(15)}${about}\n`).join("");
  const [first] = commands;
  return `Commands:\n${lines}\nhms-ops ${first?.name ?? "COMMAND"} --help shows examples and flags.\n`;
}

function flagLines(flags: Readonly<Record<string, string>>): string {
  return Object.entries(flags)
    .map(([flag, about]) => `  ${flag.padEnd(22)} ${about}\n`)
    .join("");
}
