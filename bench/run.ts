/** `npm run bench`: lists the benchmarks. `npm run bench -- NAME`: runs one, result in results/. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./figure.ts";
import { BENCHMARKS } from "./table.ts";

const RESULTS = fileURLToPath(new URL("results", import.meta.url));
const [name, ...words] = process.argv.slice(2);
const benchmark = BENCHMARKS.find((row) => row.name === name);

if (benchmark === undefined) {
  if (name !== undefined) process.stderr.write(`no benchmark is called ${name}\n`);
  for (const row of BENCHMARKS) process.stdout.write(`${row.name.padEnd(14)} ${row.about}\n`);
  process.exit(name === undefined ? 0 : 2);
}

const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const measured = await benchmark.run(words);
const outcome: Outcome =
  "figures" in measured ? measured : { figures: measured, text: "", details: {} };
const { figures, text, details, part } = outcome;
const width = Math.max(0, ...figures.map(({ what }) => what.length));
process.stdout.write(`${benchmark.about}\n${machine}\n\n`);
if (text) process.stdout.write(`${text}\n`);
for (const { what, value, unit, bar } of figures) {
  const verdict =
    bar === undefined ? "" : `  must ${bar} ${unit}: ${value <= bar ? "held" : "NOT HELD"}`;
  process.stdout.write(`${what.padEnd(width)}  ${value} ${unit}${verdict}\n`);
}
mkdirSync(RESULTS, { recursive: true });
// Paths of this machine are nobody else's business.
const shown = words.map((word) => (word.startsWith("/") ? basename(word) : word));
const command = ["npm run bench --", benchmark.name, ...shown].join(" ");
const result = { benchmark: benchmark.name, machine, command, ...details, figures };
const file = part === undefined ? benchmark.name : `${benchmark.name}-${part}`;
writeFileSync(join(RESULTS, `${file}.json`), `${JSON.stringify(result, null, 2)}\n`);
