// `npm test`: set up, then everything that must pass. Ends with `N passed, N failed` on a line of
// its own (and `, N skipped` where a peer is missing and may not be installed).
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installCommand, installPeers } from "./peers.mjs";
import { NODE, ROOT, setup } from "./setup.mjs";

const IN_CI = process.env.CI !== undefined && process.env.CI !== "false";

const CHECKS = [
  ["lint", "node_modules/@biomejs/biome/bin/biome", ["ci", "--error-on-warnings"]],
  ["types, everything", "node_modules/typescript/bin/tsc", []],
  ["types, without DOM", "node_modules/typescript/bin/tsc", ["-p", "tsconfig.node.json"]],
  ["types, without Node", "node_modules/typescript/bin/tsc", ["-p", "tsconfig.browser.json"]],
  ["dead code", "node_modules/knip/bin/knip.js", []],
];

setup();
const missing = installPeers();
let passed = 0;
let failed = 0;
let skipped = 0;

for (const [name, script, args] of CHECKS) {
  const { status } = spawnSync(NODE, [join(ROOT, script), ...args], {
    cwd: ROOT,
    stdio: "inherit",
  });
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${name}`);
  if (status === 0) passed++;
  else failed++;
}

const report = runVitest();
passed += report.passed;
failed += report.failed;
skipped += report.skipped.length;
for (const title of report.skipped) console.log(`skipped: ${title}`);
if (missing.length > 0) {
  console.log(`These peers are missing; get them with: ${installCommand(missing)}`);
  if (IN_CI) failed++;
}
if (IN_CI && report.skipped.length > 0) {
  console.log("In CI nothing may be skipped.");
  failed += report.skipped.length;
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(failed === 0 ? 0 : 1);

function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-test-"));
  const file = join(folder, "report.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  // CI makes vitest fail on a golden file that is missing instead of writing it.
  const env = { ...process.env, CI: "true" };
  const { status } = spawnSync(NODE, [vitest, ...args], { cwd: ROOT, stdio: "inherit", env });
  try {
    return readReport(file, status);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file, status) {
  let json;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    console.log("FAIL the test runner left no report");
    return { passed: 0, failed: 1, skipped: [] };
  }
  const titles = json.testResults.flatMap((suite) =>
    suite.assertionResults
      .filter(
        (test) => test.status === "pending" || test.status === "skipped" || test.status === "todo",
      )
      .map((test) => test.fullName),
  );
  const brokenFiles = json.testResults.filter(
    (suite) =>
      suite.status === "failed" && suite.assertionResults.every((test) => test.status !== "failed"),
  ).length;
  const failures = json.numFailedTests + brokenFiles;
  const unexplained = status !== 0 && failures === 0 ? 1 : 0;
  return { passed: json.numPassedTests, failed: failures + unexplained, skipped: titles };
}
