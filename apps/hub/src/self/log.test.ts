import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@hms-ops/model/testing";
import { afterEach, expect, it } from "vitest";
import { HubLog } from "./log.ts";

const folder = mkdtempSync(join(tmpdir(), "hms-ops-log-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("writes JSON lines, shows the grave ones and strikes secrets out", async () => {
  const shown: string[] = [];
  const file = join(folder, "hub.log");
  const log = new HubLog({
    file,
    clock: new FakeClock(0),
    shownLevel: "warn",
    show: (line) => shown.push(line),
  });
  log.info("started", { url: "http://ops:hunter2@host/", nested: { apiKey: "abc" } });
  log.warn("refused Authorization: Bearer abc.def", { error: new Error("?token=xyz") });
  await log.flush();
  const lines = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    url: "http://***@host/",
    nested: { apiKey: "***" },
  });
  expect(lines[1].message).toBe("refused Authorization: Bearer ***");
  expect(lines[1].error).toContain("?token=***");
  expect(shown).toHaveLength(1);
});
