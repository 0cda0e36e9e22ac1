import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import {
  bindMini,
  bindShortForms,
  languageFeatures,
  parseSelector,
  prepareQuery,
} from "../../index.ts";
import { compilePartRegex, compileRegex } from "../../regex/index.ts";

const LEVELS = 100_000;
/** As many of one character as an expression may have. */
const FITTING = 45_000;
const FEATURES = languageFeatures(["all"]);

function around(levels: number, open: string, inner: string, close: string): string {
  return open.repeat(levels) + inner + close.repeat(levels);
}

function problemOf(text: string): string {
  return prepareQuery(text, FEATURES).diagnostics[0]?.message ?? "none";
}

describe("nesting without end", () => {
  it("ends an expression with a reason", () => {
    const refuses = (nested: (levels: number) => string, fitting = FITTING) => {
      expect(problemOf(nested(LEVELS))).toMatch(/^expression is (longer than|nested more than)/);
      expect(problemOf(nested(fitting))).toMatch(/^expression (is nested more|has more) than/);
    };
    refuses((n) => around(n, "(", "up", ")"));
    refuses((n) => `${"-".repeat(n)}up`);
    refuses((n) => `${"+-".repeat(n)}1`);
    refuses((n) => around(n, "sum(", "up", ")"), 15_000);
    refuses((n) => around(n, "max_over_time(", "up", "[1m:])"), 4_000);
    refuses((n) => `${"2^".repeat(n)}2`);
    refuses((n) => `${"a or ".repeat(n)}a`, 15_000);
    refuses((n) => `up${"[1:]".repeat(n)}`, 20_000);
  });

  it("ends a duration with a reason", () => {
    const refuses = (nested: (levels: number) => string, fitting = FITTING) => {
      expect(problemOf(nested(LEVELS))).toMatch(/^expression is longer than/);
      expect(problemOf(nested(fitting))).toMatch(/^expression (is nested more|has more) than/);
    };
    refuses((n) => `a[${around(n, "(", "1", ")")}]`);
    refuses((n) => `a[${"-".repeat(n)}1]`);
    refuses((n) => `a[${"2^".repeat(n)}1]`);
    refuses((n) => `a[${"2+".repeat(n)}1]`);
    refuses((n) => `a[${"min_of(".repeat(n)}1]`, 12_000);
    refuses((n) => `a offset ${around(n, "(", "1", ")")}`);
    refuses((n) => `a offset ${"-".repeat(n)}1`);
  });

  it("ends a selector, a statement and short forms with a reason", async () => {
    expect(parseSelector("{".repeat(LEVELS)).matchers).toBeUndefined();
    const catalog = { exists: async () => true };
    for (const text of ["(", "avg(", "if ", "cpu where a = 'b' ", "cpu > 1 and ", "cpu by a,"]) {
      const { diagnostics } = await bindMini(text.repeat(LEVELS), catalog);
      expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
    }
    for (const text of ["(", "-", "sum("]) {
      const { diagnostics } = await bindShortForms(text.repeat(LEVELS), catalog);
      expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
    }
  });

  it("ends a regular expression with a reason", () => {
    const refuses = (pattern: string) => {
      const compiled = compileRegex(pattern);
      expect("message" in compiled && compiled.message).toMatch(/nested|longer|missing|repeats/);
      expect(typeof compilePartRegex(pattern)).toBe("string");
    };
    for (const levels of [LEVELS, 1_000]) {
      refuses(around(levels, "(", "a", ")"));
      refuses(around(levels, "(?:", "a", ")"));
      refuses(around(levels, "(?i:", "a", ")*"));
      refuses("(".repeat(levels));
      refuses("[".repeat(levels));
    }
    refuses("a{1000}".repeat(1_000));
    refuses("((a{100}){100}){100}");
  });
});

/** The deepest that is taken, where the least room is: a stack as the hub's main thread has it. */
const DEEPEST = `
import { parentPort, workerData } from "node:worker_threads";
const query = await import(workerData);
const deep = "(".repeat(190) + "a" + " or a".repeat(990) + ")".repeat(190);
const lengths = "(".repeat(190) + "1" + "+1".repeat(990) + ")".repeat(190);
for (const text of [deep, "a[" + lengths + "]", "-".repeat(190) + "a" + "[1:]".repeat(990)]) {
  const { expr } = query.parsePromql(text);
  query.prepareQuery(text);
  query.formatPromql(expr);
  query.prettyPromql(expr);
  JSON.stringify(query.promqlTree(expr));
  query.selectorsOf(expr);
  query.sentenceOf(expr);
  query.planSteps(expr);
  query.adviseQuery(expr);
  query.stepWindow(expr, { lookbackMs: 300_000 });
}
parentPort.postMessage("done");
`;

it("the deepest expression that is taken fits a stack of 1 MB, whatever is done with it", async () => {
  const worker = new Worker(DEEPEST, {
    eval: true,
    workerData: new URL("../../index.ts", import.meta.url).href,
    resourceLimits: { stackSizeMb: 1 },
  });
  const said = await new Promise((resolve, reject) => {
    worker.on("message", resolve);
    worker.on("error", reject);
  });
  expect(said).toBe("done");
  await worker.terminate();
});
