import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readScript } from "../../testing/index.ts";
import { AGGREGATIONS, OPERATORS } from "../syntax/ast.ts";
import { FUNCTIONS } from "./table.ts";

const folder = join(import.meta.dirname, "../testdata");
const evaluated = readdirSync(folder)
  .flatMap((file) => readScript(readFileSync(join(folder, file), "utf8")))
  .flatMap((command) => (command.kind === "eval" ? [command.expr] : []));

describe("the scripts", () => {
  it("evaluate every function, aggregation and operator", () => {
    const called = (name: string) =>
      evaluated.some((expr) => new RegExp(`\\b${name}\\b`).test(expr));
    const names = [...Object.keys(FUNCTIONS), ...AGGREGATIONS];
    expect(names.filter((name) => !called(name))).toEqual([]);
    const used = (operator: string) => evaluated.some((expr) => expr.includes(` ${operator} `));
    expect(OPERATORS.filter((operator) => !used(operator))).toEqual([]);
  });
});
