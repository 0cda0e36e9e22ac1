import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runScript } from "@hms-ops/query/testing";
import { describe, expect, it } from "vitest";
import { ROOT } from "./support/hub.ts";
import { ScriptHub } from "./support/script-hub.ts";

const SCRIPTS = join(ROOT, "packages/query/src/promql/testdata");
const NAMES = readdirSync(SCRIPTS).filter((name) => name.endsWith(".promql"));

describe("the scripts of the language, written and asked over HTTP", () => {
  const run = (text: string, integers: boolean) =>
    runScript(text, (features) => ScriptHub.open(features, { integers }));

  it.concurrent.for(NAMES)("%s", async (name) => {
    expect(await run(readFileSync(join(SCRIPTS, name), "utf8"), false)).toEqual([]);
  });

  const withHistograms = NAMES.filter((name) => name.includes("histogram"));
  it.concurrent.for(withHistograms)("%s, whole counts as integers", async (name) => {
    expect(await run(readFileSync(join(SCRIPTS, name), "utf8"), true)).toEqual([]);
  });

  it("a wrong expectation is seen, of a number and of a histogram", async () => {
    const load = "load 1m\n  m 1\n  h {{count:3 sum:4 buckets:[1 2]}}\n";
    const ask =
      "eval instant at 0 m\n  m 2\neval instant at 0 h\n  h {{count:3 sum:4 buckets:[2 1]}}\n";
    expect(await run(load + ask, true)).toHaveLength(2);
  });
});
