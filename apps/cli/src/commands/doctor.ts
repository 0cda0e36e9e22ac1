import { statfs } from "node:fs/promises";
import type { HubClient } from "@hms-ops/client";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatAge, formatJson } from "../output.ts";

interface Finding {
  readonly check: string;
  readonly state: "ok" | "warning" | "wrong";
  /** The number, and what it means. */
  readonly finding: string;
  /** The command that mends it; empty when all is well. */
  readonly mend: string;
}

type Check = (hub: HubClient) => Promise<readonly Finding[]>;

const MARKS = { ok: "✓", warning: "!", wrong: "✗" } as const;
const ASCII_MARKS = { ok: "ok  ", warning: "warn", wrong: "FAIL" } as const;
const LEAST_FREE_SHARE = 0.1;
const CHECKS: readonly Check[] = [ingest, dataFolder, sources, rules];

export const doctor: Command = {
  usage: "",
  examples: ["hms-ops doctor", "hms-ops doctor --json"],
  flags: { "--json": "the same as -o json" },
  options: { json: { type: "boolean" } },
  words: [0, 0],
  run: async ({ values, terminal, hub }) => {
    const findings = (await Promise.all(CHECKS.map((check) => check(hub())))).flat();
    const wrong = findings.some(({ state }) => state === "wrong");
    if (values.json || values.output === "json")
      terminal.data(formatJson({ ok: !wrong, findings }));
    else {
      const marks = terminal.isTerminal ? MARKS : ASCII_MARKS;
      for (const { check, state, finding, mend } of findings) {
        terminal.data(`${marks[state]} ${check}: ${finding}${mend ? `\n    ${mend}` : ""}\n`);
      }
    }
    return wrong ? EXIT.failure : EXIT.ok;
  },
};

async function ingest(hub: HubClient): Promise<readonly Finding[]> {
  const { ingest: health, nowMs } = await hub.status();
  const state =
    health.state === "failing" ? "wrong" : health.state === "healthy" ? "ok" : "warning";
  const age =
    health.lastSampleMs === null
      ? "no sample yet"
      : `last sample ${formatAge(nowMs - health.lastSampleMs)} ago`;
  const finding = `${health.state}, ${age}${health.reason ? `: ${health.reason}` : ""}`;
  return [{ check: "ingest", state, finding, mend: state === "ok" ? "" : "hms-ops status" }];
}

async function dataFolder(hub: HubClient): Promise<readonly Finding[]> {
  const { dataDir } = (await hub.status()).hub;
  const space = await statfs(dataDir).catch(() => undefined);
  if (space === undefined) {
    const finding = `${dataDir} is on another machine: not checked`;
    return [{ check: "data folder", state: "warning", finding, mend: "run doctor beside the hub" }];
  }
  const share = space.bavail / space.blocks;
  const free = `${((space.bavail * space.bsize) / 2 ** 30).toFixed(1)} GiB free (${Math.round(share * 100)} %)`;
  const full = share < LEAST_FREE_SHARE;
  const mend = full ? "free space, or start with a shorter --retention" : "";
  return [
    { check: "data folder", state: full ? "wrong" : "ok", finding: `${dataDir}: ${free}`, mend },
  ];
}

async function sources(hub: HubClient): Promise<readonly Finding[]> {
  const { services } = await hub.services();
  const nowMs = (await hub.status()).nowMs;
  return services.map(({ job, instance, url, health, lastScrapeMs, lastError, skippedLines }) => {
    const age =
      lastScrapeMs === null ? "not scraped yet" : `scraped ${formatAge(nowMs - lastScrapeMs)} ago`;
    const skipped = skippedLines > 0 ? `, ${skippedLines} unreadable lines skipped` : "";
    const finding = `${health}, ${age}${skipped}${lastError ? `: ${lastError}` : ""}`;
    const state = health === "down" ? "wrong" : skippedLines > 0 ? "warning" : "ok";
    return {
      check: `${job} ${instance}`,
      state,
      finding,
      mend: state === "ok" ? "" : `curl ${url}`,
    };
  });
}

async function rules(hub: HubClient): Promise<readonly Finding[]> {
  const { rules: all } = await hub.rules();
  const ill = all.filter(({ health }) => health === "err");
  if (ill.length === 0) {
    return [{ check: "rules", state: "ok", finding: `${all.length} rules, none fails`, mend: "" }];
  }
  return ill.map(({ name, lastError, origin }) => ({
    check: `rule ${name}`,
    state: "wrong",
    finding: lastError,
    mend: `mend it in ${origin}, then hms-ops reload-alerts`,
  }));
}
