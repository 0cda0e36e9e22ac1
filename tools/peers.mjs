// Real peers, clients and the browser that tests need, from Debian's packages. `npm test` calls
// `installPeers()`: as root on Debian it installs what is missing; elsewhere the tests that lack
// a peer are skipped by name, with the command that gets it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Program to look for, and the Debian package that brings it. */
const PEERS = [
  { path: "/usr/bin/prometheus", package: "prometheus" },
  { path: "/usr/bin/prometheus-node-exporter", package: "prometheus-node-exporter" },
  { path: "/usr/bin/vmagent", package: "victoria-metrics" },
  { path: "/usr/bin/chromium", package: "chromium" },
  {
    path: "/usr/lib/python3/dist-packages/prometheus_client",
    package: "python3-prometheus-client",
  },
  { path: "/usr/lib/python3/dist-packages/flask", package: "python3-flask" },
];

function missingPeers() {
  return PEERS.filter(({ path }) => !existsSync(path)).map((peer) => peer.package);
}

export function installCommand(packages) {
  return `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}

/** Installs where it may; returns the packages that are still missing. */
export function installPeers() {
  const missing = missingPeers();
  const mayInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (missing.length === 0 || !mayInstall) return missing;
  process.stderr.write(`hms-ops: installing ${missing.join(" ")} for the tests ...\n`);
  withoutServiceStart(() => {
    apt(["update", "-qq"]);
    apt(["install", "-y", "-qq", "--no-install-recommends", ...missing]);
  });
  return missingPeers();
}

/** Debian starts services at installation, on our own ports; this policy forbids it meanwhile. */
function withoutServiceStart(work) {
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours)
    spawnSync("sh", ["-c", `printf '#!/bin/sh\\nexit 101\\n' > ${policy}; chmod +x ${policy}`]);
  try {
    work();
  } finally {
    if (ours) spawnSync("rm", ["-f", policy]);
  }
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env });
}
