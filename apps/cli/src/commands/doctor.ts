import type { HubClient } from "@hms-ops/client";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatAge, formatJson } from "../output.ts";
import type { Finding } from "./finding.ts";
import { startingFinding, storeFindings } from "./store-findings.ts";

type Check = (hub: HubClient) => Promise<readonly Finding[]>;

const MARKS = { ok: "✓", warning: "!", wrong: "✗" } as const;
const ASCII_MARKS = { ok: "ok  ", warning: "warn", wrong: "FAIL" } as const;
const CHECKS: readonly Check[] = [refusals, ingest, store, sources, rules];

export const doctor: Command = {
  usage: "",
  examples: ["hms-ops doctor", "hms-ops doctor --json"],
  flags: { "--json": "the same as -o json" },
  options: { json: { type: "boolean" } },
  words: [0, 0],
  run: async ({ values, terminal, hub }) => {
    const findings = await examine(hub());
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

async function examine(hub: HubClient): Promise<readonly Finding[]> {
  // While it starts, everything else would wait.
  const starting = startingFinding(await hub.replay());
  if (starting) return [starting];
  return (await Promise.all(CHECKS.map((check) => check(hub)))).flat();
}

const REFUSED = { configuration: "configuration", rules: "rule files" } as const;

async function refusals(hub: HubClient): Promise<readonly Finding[]> {
  return (await hub.status()).refusals.map(({ part, reason, mend }) => ({
    check: REFUSED[part],
    state: "wrong",
    finding: `not taken, what was good before holds: ${reason}`,
    // Rule files are read again by themselves.
    mend: part === "configuration" ? `${mend} Then: ${reloadCommand(hub)}` : mend,
  }));
}

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

async function store(hub: HubClient): Promise<readonly Finding[]> {
  return storeFindings(await hub.store());
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
      mend:
        state === "ok"
          ? ""
          : url
            ? `curl ${url}`
            : `correct it in scrape_configs, then: ${reloadCommand(hub)}`,
    };
  });
}

function reloadCommand({ url }: HubClient): string {
  return `curl -X POST ${url}/-/reload`;
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
