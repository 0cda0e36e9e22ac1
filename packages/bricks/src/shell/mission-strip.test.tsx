import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { MissionStrip, type MissionStripProps } from "./mission-strip.tsx";

const nowMs = Date.UTC(2026, 10, 17, 14, 32, 7);
const ingest: MissionStripProps["ingest"] = {
  state: "healthy",
  reason: "",
  seriesCount: 48_212,
  samplesPerSecond: 3_214,
  lastSampleMs: nowMs - 3_000,
  pulse: [
    { atMs: nowMs, state: "ok" },
    { atMs: nowMs, state: "late" },
    { atMs: nowMs, state: "failed" },
  ],
};
const calm = { oldestCritical: null, steadySinceMs: nowMs - 532_800_000 };
const burning = {
  oldestCritical: { name: "HighErrorRate", sinceMs: nowMs - 1_567_000 },
  steadySinceMs: null,
};

function strip(change: Partial<MissionStripProps>): string {
  return renderToStaticMarkup(
    <MissionStrip
      hubName="agency-prod"
      nowMs={nowMs}
      alerts={calm}
      ingest={ingest}
      homeHref="/"
      {...change}
    />,
  );
}

const words = (html: string) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

describe("the mission strip", () => {
  it("says the time, how long it has been steady, and that samples arrive", () => {
    const said = words(strip({}));
    expect(said).toContain("14:32:07 UTC");
    expect(said).toContain("Steady 6 d 4 h");
    expect(said).toContain("Ingest healthy");
    expect(said).toContain("48,212 series · 3,214 samples/s · 3 s ago");
  });

  it("tilts the horizon and runs the clock while something critical is open", () => {
    expect(strip({})).toContain('data-tilted="false"');
    const html = strip({ alerts: burning });
    expect(html).toContain('data-tilted="true"');
    expect(words(html)).toContain("Critical for T+26:07 HighErrorRate");
  });

  it("says so when the hub does not answer, whatever it last said", () => {
    const said = words(strip({ lostSinceMs: nowMs - 10_000 }));
    expect(said).toContain("Hub does not answer since 14:31:57");
    expect(said).not.toContain("Ingest healthy");
  });

  it("draws a late scrape tall, and a failed one as a gap", () => {
    const html = strip({});
    expect(html).toMatch(/hms-tape-ok" d="M51.75 18v-9"/);
    expect(html).toMatch(/hms-tape-late" d="M54.75 18v-16"/);
  });

  it("claims nothing before the hub has answered", () => {
    const said = words(strip({ hubName: undefined, alerts: undefined, ingest: undefined }));
    expect(said).not.toMatch(/Steady|healthy|Critical/);
  });
});
