import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runScript } from "@hms-ops/query/testing";
import { describe, expect, it } from "vitest";
import { openMemoryStore } from "./index.ts";

const SCRIPTS = join(import.meta.dirname, "../../../query/src/promql/testdata");

describe("the scripts of testdata", () => {
  for (const name of readdirSync(SCRIPTS).filter((file) => file.endsWith(".promql"))) {
    it(name, async () => {
      const text = readFileSync(join(SCRIPTS, name), "utf8");
      expect(await runScript(text, () => openMemoryStore())).toEqual([]);
    });
  }

  it("a wrong expectation is seen", async () => {
    const text = "load 1m\n  m 1\neval instant at 0 m\n  m 2\n";
    expect(await runScript(text, () => openMemoryStore())).toHaveLength(1);
  });
});
