import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareQuery } from "@hms-ops/query";
import { describe, expect, it } from "vitest";
import { shippedBoards, shippedRules } from "./index.ts";

const PROMTOOL = "/usr/bin/promtool";
const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

describe("shipped boards", () => {
  it("have addresses of their own, and panels whose numbers differ", () => {
    const uids = shippedBoards.map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(uids.length);
    for (const { uid, panels } of shippedBoards) {
      expect(uid).toMatch(/^[a-z0-9-]+$/);
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    }
  });

  it("place panels inside the 24 columns, none over another", () => {
    for (const { uid, panels } of shippedBoards) {
      const taken = new Map<string, number>();
      for (const { id, grid } of panels) {
        expect(grid.x + grid.w, `${uid} panel ${id}`).toBeLessThanOrEqual(24);
        for (let x = grid.x; x < grid.x + grid.w; x++) {
          for (let y = grid.y; y < grid.y + grid.h; y++) {
            expect(taken.get(`${x},${y}`), `${uid} panel ${id} at ${x},${y}`).toBeUndefined();
            taken.set(`${x},${y}`, id);
          }
        }
      }
    }
  });

  it("ask what can be evaluated", () => {
    for (const { uid, panels } of shippedBoards) {
      for (const { expr } of panels.flatMap(({ queries }) => queries)) {
        const text = expr.replaceAll("$__rate_interval", "1m").replaceAll("$__interval", "15s");
        expect(prepareQuery(text).diagnostics, `${uid}: ${expr}`).toEqual([]);
      }
    }
  });

  it("raise their banner for alerts that exist", () => {
    const text = shippedRules.map((rules) => rules.text).join("\n");
    for (const { bannerAlerts } of shippedBoards) {
      for (const name of bannerAlerts) expect(text).toContain(`alert: ${name}\n`);
    }
  });
});

describe("shipped rules", () => {
  it("name a runbook that is here for every alert", () => {
    for (const { file, text } of shippedRules) {
      const alerts = [...text.matchAll(/- alert: /g)];
      const runbooks = [...text.matchAll(/runbook: (\S+)/g)].map(([, path]) => path ?? "");
      expect(runbooks, file).toHaveLength(alerts.length);
      for (const path of runbooks) expect(existsSync(join(PACKAGE, path)), path).toBe(true);
    }
  });

  it.skipIf(!existsSync(PROMTOOL))("are what Prometheus' own checker accepts", () => {
    const folder = mkdtempSync(join(tmpdir(), "hms-ops-layers-"));
    try {
      for (const { file, text } of shippedRules) {
        const path = join(folder, file.replaceAll("/", "-"));
        writeFileSync(path, text);
        const report = execFileSync(PROMTOOL, ["check", "rules", path], { encoding: "utf8" });
        expect(report).toContain("SUCCESS");
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
