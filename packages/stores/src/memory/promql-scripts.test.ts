import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  EngineTarget,
  type Evaluation,
  type FeatureNames,
  runScript,
  type ScriptAnswer,
} from "@hms-ops/query/testing";
import { describe, expect, it } from "vitest";
import { openMemoryStore } from "./index.ts";

const SCRIPTS = join(import.meta.dirname, "../../../query/src/promql/testdata");
const NAMES = readdirSync(SCRIPTS).filter((file) => file.endsWith(".promql"));

async function openTarget(features: FeatureNames): Promise<EngineTarget> {
  return new EngineTarget(openMemoryStore(), features);
}

/** Asks for three steps where a script asks for one time, and answers with the middle one. */
class MiddleOfRange extends EngineTarget {
  override async ask(evaluation: Evaluation): Promise<ScriptAnswer> {
    const answer = await super.ask(evaluation);
    if (!isSameInRange(evaluation)) return answer;
    const { startMs } = evaluation;
    const three = { instant: false, startMs: startMs - 60_000, endMs: startMs + 60_000 };
    let rows: ScriptAnswer["rows"];
    try {
      ({ rows } = await super.ask({ ...evaluation, ...three, stepMs: 60_000 }));
    } catch (error) {
      // In a range alike series are refused at once, at one moment at the very end alone.
      if (String(error).includes("same labelset")) return answer;
      throw error;
    }
    const middle = rows.flatMap(({ labels, values }) =>
      values[1] === undefined ? [] : [{ labels, values: [values[1]] }],
    );
    return { ...answer, rows: middle };
  }
}

/**
 * Not of what the range is part of (for info() all of its series are), of an order, or of what only
 * an instant query may ask.
 */
function isSameInRange({ instant, expr, expectations }: Evaluation): boolean {
  if (!instant || expectations.some(({ what }) => what === "ordered")) return false;
  const knowsRange = /\b(start|end|step|range|info)\s*\(/.test(expr);
  const isText = /^["'`]/.test(expr);
  const isRange = /\[[^\]]*\]\s*((offset \S+|@ \S+|anchored|smoothed)\s*)*$/.test(expr);
  return !knowsRange && !isText && !isRange;
}

describe("the scripts of testdata", () => {
  it.for(NAMES)("%s", async (name) => {
    const text = readFileSync(join(SCRIPTS, name), "utf8");
    expect(await runScript(text, openTarget)).toEqual([]);
  });

  it.for(NAMES)("%s, its instant queries as steps of ranges", async (name) => {
    const text = readFileSync(join(SCRIPTS, name), "utf8");
    const open = async (features: FeatureNames) => new MiddleOfRange(openMemoryStore(), features);
    expect(await runScript(text, open)).toEqual([]);
  });

  it("a wrong expectation is seen", async () => {
    const text = "load 1m\n  m 1\neval instant at 0 m\n  m 2\n";
    expect(await runScript(text, openTarget)).toHaveLength(1);
  });
});
