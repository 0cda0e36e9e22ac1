import { seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { Agency, type AgencySecond, type FaultName } from "./agency-model.ts";

const AFTERNOON = Date.UTC(2026, 10, 21, 14);
const NIGHT = Date.UTC(2026, 10, 21, 2);

function run(agency: Agency, seconds: number, fromMs = AFTERNOON): AgencySecond[] {
  return Array.from({ length: seconds }, (_, i) => agency.second(fromMs + i * 1000));
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const last = <T>(items: readonly T[]) => items[items.length - 1] as T;

function errorShare(day: readonly AgencySecond[], service: "ach" | "usda"): number {
  return sum(day.map((one) => one[service].errors)) / sum(day.map((one) => one[service].requests));
}

describe("the simulated agency", () => {
  it("lives the same day for the same seed", () => {
    expect(run(new Agency(seededRandom(3)), 20)).toEqual(run(new Agency(seededRandom(3)), 20));
  });

  it("is well on a good day", () => {
    const day = run(new Agency(seededRandom(1)), 300);
    expect(errorShare(day, "ach")).toBeLessThan(0.02);
    expect(Math.max(...day.map(({ ach }) => ach.queueDepth))).toBeLessThan(100);
    expect(day.every(({ dmv }) => dmv.printerUp)).toBe(true);
    expect(sum(day.map(({ ach }) => ach.flagged))).toBeLessThan(4);
  });

  it("is busier in the afternoon than at night", () => {
    const requests = (fromMs: number) =>
      sum(run(new Agency(seededRandom(1)), 120, fromMs).map(({ irs }) => irs.requests));
    expect(requests(AFTERNOON)).toBeGreaterThan(2 * requests(NIGHT));
  });

  it("fails as each fault says, and recovers within a minute", () => {
    const agency = new Agency(seededRandom(2));
    const withFault = (name: FaultName, seconds: number) => {
      agency.switchFault(name, true);
      const bad = run(agency, seconds);
      agency.switchFault(name, false);
      return { bad, after: last(run(agency, 60)) };
    };
    const slow = withFault("payments-slow", 90);
    expect(errorShare(slow.bad, "ach")).toBeGreaterThan(0.08);
    expect(last(slow.bad).ach.queueDepth).toBeGreaterThan(500);
    expect(Math.max(...last(slow.bad).dmv.latenciesMs, 11_000)).toBeGreaterThan(5_000);
    expect(slow.after.ach.queueDepth).toBeLessThan(100);
    expect(errorShare(withFault("claims-errors", 60).bad, "usda")).toBeGreaterThan(0.1);
    const jam = withFault("printer-jam", 90);
    expect(last(jam.bad).dmv).toMatchObject({ printerUp: false });
    expect(last(jam.bad).dmv.citizensWaiting).toBeGreaterThan(100);
    expect(jam.after.dmv.citizensWaiting).toBeLessThan(50);
  });
});
