import { readFileSync } from "node:fs";
import { labelsToRecord } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { SELF_METRICS } from "./metrics.ts";
import { SelfMetricsRegistry } from "./registry.ts";
import { VERSION } from "./version.ts";

const DOCUMENT = new URL("../../../../docs/metrics.md", import.meta.url);

describe("the hub's own metrics", () => {
  it("are listed in docs/metrics.md as the table states them", () => {
    const listed = readFileSync(DOCUMENT, "utf8")
      .split("\n")
      .filter((line) => /^\| `/.test(line));
    const expected = SELF_METRICS.map(({ name, type, labels, help }) => {
      const names = labels.map((label) => `\`${label}\``).join(", ");
      return `| \`${name}\` | ${type} | ${names} | ${help} |`;
    });
    expect(listed).toEqual(expected);
  });

  it("have the version of the package", () => {
    const file = new URL("../../../../package.json", import.meta.url);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ version: VERSION });
  });
});

describe("SelfMetricsRegistry", () => {
  const rows = [
    { name: "x_total", type: "counter", help: "", labels: [] },
    { name: "y", type: "gauge", help: "", labels: ["thread"] },
    { name: "z_seconds", type: "histogram", help: "", labels: [] },
  ] as const;

  it("counts from zero, and sets", () => {
    const registry = new SelfMetricsRegistry(rows);
    registry.set("y", 7, { thread: "main" });
    const samples = registry.families().flatMap((family) => family.samples);
    expect(samples.map(({ labels, value }) => [labelsToRecord(labels), value])).toEqual([
      [{ __name__: "x_total" }, 0],
      [{ __name__: "y", thread: "main" }, 7],
    ]);
  });

  it("makes cumulative buckets with sum and count", () => {
    const registry = new SelfMetricsRegistry(rows);
    registry.observe("z_seconds", 0.3);
    registry.observe("z_seconds", 99);
    const byText = new Map(
      registry
        .families()
        .flatMap((family) => family.samples)
        .map(({ labels, value }) => {
          const { __name__: name, le = "" } = labelsToRecord(labels);
          return [`${name} ${le}`.trim(), value];
        }),
    );
    expect(byText.get("z_seconds_bucket 0.25")).toBe(0);
    expect(byText.get("z_seconds_bucket 0.5")).toBe(1);
    expect(byText.get("z_seconds_bucket +Inf")).toBe(2);
    expect(byText.get("z_seconds_sum")).toBe(99.3);
    expect(byText.get("z_seconds_count")).toBe(2);
  });

  it("knows only what the table has", () => {
    const registry = new SelfMetricsRegistry(rows);
    expect(() => registry.add("unknown_total")).toThrow("bug");
    expect(() => registry.set("y", 1, { other: "x" })).toThrow("bug");
  });
});
