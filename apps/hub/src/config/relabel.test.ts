import { formatLabels, labelsOf } from "@hms-ops/model";
import { expect, test } from "vitest";
import type { RelabelRule } from "../ports.ts";
import { compileRelabelling, DEFAULT_RELABEL_RULE } from "./relabel.ts";

function relabel(labels: Record<string, string>, ...rules: Partial<RelabelRule>[]): string {
  const full = rules.map((rule) => ({ ...DEFAULT_RELABEL_RULE, ...rule }));
  const result = compileRelabelling(full)(labelsOf(labels));
  return result ? formatLabels(result) : "dropped";
}

const AB = { a: "foo", b: "bar" };

test("replace fills the target from the groups, and leaves it when nothing matches", () => {
  const rule = { sourceLabels: ["a", "b"], regex: "f(.*);b(.*)", targetLabel: "d" };
  expect(relabel(AB, { ...rule, replacement: "$1-${2}" })).toBe('{a="foo", b="bar", d="oo-ar"}');
  expect(relabel(AB, { ...rule, regex: "x(.*)" })).toBe('{a="foo", b="bar"}');
  expect(relabel(AB, { ...rule, regex: "f" })).toBe('{a="foo", b="bar"}');
  expect(relabel(AB, { sourceLabels: ["z"], targetLabel: "a" })).toBe('{b="bar"}');
  expect(relabel(AB, { sourceLabels: ["a"], targetLabel: "to_$1", replacement: "x" })).toBe(
    '{a="foo", b="bar", to_foo="x"}',
  );
});

test("keep, drop and their equal forms decide over the whole set", () => {
  expect(relabel(AB, { action: "keep", sourceLabels: ["a"], regex: "f.o" })).not.toBe("dropped");
  expect(relabel(AB, { action: "keep", sourceLabels: ["a"], regex: "fo" })).toBe("dropped");
  expect(relabel(AB, { action: "drop", sourceLabels: ["a"], regex: "f.*" })).toBe("dropped");
  expect(relabel(AB, { action: "keepequal", sourceLabels: ["a"], targetLabel: "b" })).toBe(
    "dropped",
  );
  expect(relabel(AB, { action: "dropequal", sourceLabels: ["a"], targetLabel: "b" })).not.toBe(
    "dropped",
  );
});

test("names are mapped, dropped and kept", () => {
  const labels = { __meta_zone: "east", a: "1" };
  expect(relabel(labels, { action: "labelmap", regex: "__meta_(.*)" })).toBe(
    '{__meta_zone="east", a="1", zone="east"}',
  );
  expect(relabel(labels, { action: "labeldrop", regex: "__meta_.*" })).toBe('{a="1"}');
  expect(relabel(labels, { action: "labelkeep", regex: "a" })).toBe('{a="1"}');
});

test("case is changed; hashmod shards as Prometheus does", () => {
  const rule = { sourceLabels: ["a", "b"], targetLabel: "d" };
  expect(relabel(AB, { ...rule, action: "uppercase" })).toContain('d="FOO;BAR"');
  expect(relabel({ a: "FoO" }, { ...rule, sourceLabels: ["a"], action: "lowercase" })).toContain(
    'd="foo"',
  );
  // md5("foo") = acbd18db4cc2f85cedef654fccc4a4d8, its lower half modulo 1000.
  const expected = Number(BigInt("0xedef654fccc4a4d8") % 1_000n);
  expect(
    relabel(AB, { ...rule, sourceLabels: ["a"], action: "hashmod", modulus: 1_000 }),
  ).toContain(`d="${expected}"`);
});
