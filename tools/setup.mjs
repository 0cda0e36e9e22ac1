// Sets up a checkout: dependencies, then the web pages. Plain JavaScript for any Node >= 20,
// because it runs before the project's own Node 24 is there. A second run is instant: stamps in
// node_modules/.hms-ops say what was done.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const NODE = join(ROOT, "node_modules/node/bin/node");
const STAMPS = join(ROOT, "node_modules/.hms-ops");
const WEB_SOURCES = [
  "packages/model/src",
  "packages/wire/src",
  "packages/query/src",
  "packages/client/src",
  "packages/panels/src",
  "packages/react/src",
  "packages/bricks/src",
  "apps/web/src",
  "apps/web/index.html",
  "apps/web/vite.config.ts",
];

/** Brings dependencies and pages up to date; ends the process with a reason if it can't. */
export function setup({ web = true } = {}) {
  installDependencies();
  requireNode24();
  if (web) buildWeb();
  warmUp();
}

function installDependencies() {
  const lock = readFileSync(join(ROOT, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  if (readStamp("dependencies") === wanted && existsSync(NODE)) return;
  say("installing dependencies (once, about 20 s) ...");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeStamp("dependencies", wanted);
}

function requireNode24() {
  const version = existsSync(NODE)
    ? spawnSync(NODE, ["--version"], { encoding: "utf8" }).stdout
    : "";
  if (version.startsWith("v24.")) return;
  fail(
    "the project's own Node 24 is missing (node_modules/node/bin/node).\n" +
      "It comes with the npm package `node`, whose install script must run:\n" +
      "  npm config get ignore-scripts   (must print false)\n" +
      "  rm -rf node_modules && npm start",
  );
}

function buildWeb() {
  const wanted = fingerprint(WEB_SOURCES);
  const built = join(ROOT, "apps/web/dist/index.html");
  if (readStamp("web") === wanted && existsSync(built)) return;
  say("building the web pages ...");
  run(NODE, [
    join(ROOT, "node_modules/vite/bin/vite.js"),
    "build",
    "apps/web",
    "--logLevel",
    "warn",
  ]);
  writeStamp("web", wanted);
}

/**
 * Runs the hub once, so that Node keeps its compiled code: the first real start is then as quick
 * and as small as every later one.
 */
function warmUp() {
  const wanted = fingerprint(["apps/hub/src", "packages"]);
  if (readStamp("warm") === wanted) return;
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-setup-"));
  const flags = "--port 0 --no-aliases --no-discovery";
  const script = `"$0" up ${flags} & pid=$!; sleep 3; kill $pid; wait $pid`;
  const launcher = join(ROOT, "apps/cli/bin/hms-ops");
  spawnSync("sh", ["-c", script, launcher], { cwd: folder, stdio: "ignore" });
  rmSync(folder, { recursive: true, force: true });
  writeStamp("warm", wanted);
}

/** Changes when a file is added, removed or written. */
function fingerprint(paths) {
  const hash = createHash("sha256").update(readFileSync(join(ROOT, "package-lock.json")));
  for (const path of paths) addToFingerprint(hash, join(ROOT, path));
  return hash.digest("hex");
}

function addToFingerprint(hash, path) {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) {
    hash.update(path).update(readFileSync(path));
    return;
  }
  const names = readdirSync(path).filter((name) => name !== "node_modules");
  for (const name of names.sort()) addToFingerprint(hash, join(path, name));
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ["ignore", 2, 2] });
  if (status !== 0)
    fail(`\`${command} ${args.join(" ")}\` failed${error ? `: ${error.message}` : ""}`);
}

function readStamp(name) {
  const file = join(STAMPS, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function writeStamp(name, value) {
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(join(STAMPS, name), value);
}

function say(text) {
  process.stderr.write(`hms-ops: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
