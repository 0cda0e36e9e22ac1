/**
 * `npm run prove`: lists the long proofs. `npm run prove -- NAME [NAME …]`: runs them at the full
 * counts and writes `proof/<name>.json` with commit, seed, machine and figures. A proof is a test
 * of the repository run with larger numbers; the test adds figures with `reportFigures` of
 * e2e/support/figures.ts or sim/support/campaign.ts.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

interface Proof {
  readonly name: string;
  readonly about: string;
  readonly test: string;
  readonly environment: Readonly<Record<string, string>>;
}

const PROOFS: readonly Proof[] = [
  {
    name: "differential",
    about: "20,000 generated PromQL queries, also wrong ones, answered as Debian's Prometheus does",
    test: "e2e/promql-differential.test.ts",
    environment: { HMS_OPS_DIFFERENTIAL_QUERIES: "20000" },
  },
  {
    name: "kill",
    about: "the hub is killed 200 times while it takes samples; every acknowledged one is there",
    test: "e2e/kill.test.ts",
    environment: { HMS_OPS_KILLS: "200" },
  },
  {
    name: "crash",
    about: "10,000 seeded runs of the metric store on a disk that fails and loses power",
    test: "sim/tsdb/crash.test.ts",
    environment: { HMS_OPS_CRASH_RUNS: "10000" },
  },
  {
    name: "damage",
    about:
      "10,000 bytes flipped in files of the metric store: told, set aside, nothing wrong answered",
    test: "sim/tsdb/damage.test.ts",
    environment: { HMS_OPS_DAMAGED_STORES: "500" },
  },
  {
    name: "remote",
    about: "Debian's Prometheus writes for 10 minutes, it is restarted, the hub killed twice",
    test: "e2e/remote-long.test.ts",
    environment: { HMS_OPS_REMOTE_SECONDS: "600" },
  },
  {
    name: "twin",
    about: "a million operations on the metric store and on the naive one: equal answers",
    test: "sim/tsdb/twin.test.ts",
    environment: { HMS_OPS_TWIN_OPERATIONS: "1000000" },
  },
  {
    name: "day",
    about: "24 hours of 10,000 series at 2,000 samples a second on a fake clock: memory and disk",
    test: "sim/tsdb/month.test.ts",
    environment: {
      HMS_OPS_MONTH_SERIES: "10000",
      HMS_OPS_MONTH_INTERVAL_MS: "5000",
      HMS_OPS_MONTH_HOURS: "24",
    },
  },
  {
    name: "month",
    about: "30 days of 1,000 series on a fake clock, as many flushes as 10,000 would make",
    test: "sim/tsdb/month.test.ts",
    environment: {
      HMS_OPS_MONTH_SERIES: "1000",
      HMS_OPS_MONTH_INTERVAL_MS: "30000",
      HMS_OPS_MONTH_HOURS: "720",
    },
  },
  {
    name: "month-in-full",
    about: "30 days of 10,000 series at 2,000 samples a second on a fake clock: an hour or less",
    test: "sim/tsdb/month.test.ts",
    environment: {
      HMS_OPS_MONTH_SERIES: "10000",
      HMS_OPS_MONTH_INTERVAL_MS: "5000",
      HMS_OPS_MONTH_HOURS: "720",
    },
  },
  {
    name: "guides",
    about: "the guides with the waits as printed, nothing shortened",
    test: "e2e/guides.test.ts",
    environment: { HMS_OPS_GUIDES_IN_FULL: "1" },
  },
];

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PROOFS.some((proof) => proof.name === name));

if (wanted.length === 0 || unknown.length > 0) {
  for (const name of unknown) process.stderr.write(`no proof is called ${name}\n`);
  for (const { name, about } of PROOFS) process.stdout.write(`${name.padEnd(14)} ${about}\n`);
  process.exit(unknown.length > 0 ? 2 : 0);
}
const results = PROOFS.filter(({ name }) => wanted.includes(name)).map(prove);
process.exit(results.every((passed) => passed) ? 0 : 1);

function prove({ name, about, test, environment }: Proof): boolean {
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-proof-"));
  const figuresFile = join(folder, "figures.jsonl");
  const seed = process.env.HMS_OPS_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
  const startedMs = Date.now();
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const { status } = spawnSync(process.execPath, [vitest, "run", test], {
    cwd: ROOT,
    stdio: "inherit",
    env: {
      ...process.env,
      ...environment,
      HMS_OPS_SEED: seed,
      HMS_OPS_FIGURES: figuresFile,
    },
  });
  const figures = existsSync(figuresFile) ? readFigures(figuresFile) : {};
  rmSync(folder, { recursive: true, force: true });
  writeProof(name, {
    about,
    passed: status === 0,
    command: `npm run prove -- ${name}`,
    commit: execFileSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim(),
    seed: Number(seed),
    at: new Date(startedMs).toISOString(),
    durationSeconds: Math.round((Date.now() - startedMs) / 1000),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
    figures,
  });
  return status === 0;
}

function readFigures(file: string): Record<string, unknown> {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return Object.assign({}, ...lines.map((line) => JSON.parse(line) as object));
}

function writeProof(name: string, proof: object): void {
  mkdirSync(join(ROOT, "proof"), { recursive: true });
  writeFileSync(join(ROOT, "proof", `${name}.json`), `${JSON.stringify(proof, null, 2)}\n`);
}
