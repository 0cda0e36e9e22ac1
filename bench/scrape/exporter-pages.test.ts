import { SampleBatchBuilder, UNKNOWN_SERIES } from "@hms-ops/model";
import { readExposition } from "@hms-ops/wire/exposition";
import { describe, expect, it } from "vitest";
import { exporterPages, goText, STORED_NAMES } from "./exporter-pages.ts";

describe("an exporter's pages", () => {
  it("have as many sample lines as were asked for, all of them good, of the names told", () => {
    const [page = ""] = exporterPages({ seed: 1, series: 500, pages: 1 });
    const names = new Set<string>();
    const report = readExposition(new TextEncoder().encode(page), {
      builder: new SampleBatchBuilder("test"),
      resolver: { find: () => UNKNOWN_SERIES },
      defaultTimeMs: 0,
      honorTimestamps: true,
      labelsOf: (labels) => {
        names.add(labels[labels.indexOf("__name__") + 1] ?? "");
        return labels;
      },
    });
    expect(report).toMatchObject({ samples: 500, skippedLines: 0 });
    expect([...names].sort()).toEqual([...STORED_NAMES].sort());
  });

  it("name the same series in the same order, with counters that rise", () => {
    const pages = exporterPages({ seed: 2, series: 300, pages: 3 });
    const lines = pages.map((page) => page.split("\n").filter((line) => !line.startsWith("#")));
    const series = lines.map((page) => page.map((line) => line.slice(0, line.lastIndexOf(" "))));
    expect(series[1]).toEqual(series[0]);
    expect(series[2]).toEqual(series[0]);
    const totals = lines.map((page) =>
      page
        .filter((line) => line.includes("_total{"))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0),
    );
    expect(totals[1]).toBeGreaterThan(totals[0] ?? 0);
    expect(totals[2]).toBeGreaterThan(totals[1] ?? 0);
  });

  it("spell numbers as Go does", () => {
    const texts = [0, 1, 999_999, 1_000_000, 16_777_216_000, 0.0001, 0.00005].map(goText);
    expect(texts).toEqual(["0", "1", "999999", "1e+06", "1.6777216e+10", "0.0001", "5e-05"]);
  });
});
