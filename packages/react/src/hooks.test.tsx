// @vitest-environment jsdom
import { FakeClock } from "@hms-ops/model/testing";
import type { HubPort, PageAddress } from "@hms-ops/panels";
import { act, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeAll, expect, it } from "vitest";

// The charts' library reads the window when it is loaded, and jsdom's has no media queries.
Object.assign(globalThis, {
  matchMedia: () => ({ matches: false, addEventListener() {}, removeEventListener() {} }),
});
const { LivePage } = await import("@hms-ops/panels");
const { HubProvider, useInstantQuery, useMetric, useNow, useRangeQuery, useTimeRange } =
  await import("./index.ts");

const ends: (() => void)[] = [];
beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Answers the number given, to ranges a flat line of it; `sum(` it refuses. */
function hubOf(value: () => number) {
  const asked: string[] = [];
  const hub = {
    query: async (expr: string) => {
      asked.push(expr);
      if (expr === "sum(") throw new Error("1:5: parse error");
      const elements = [{ labels: [], timeMs: 0, value: value() }];
      return { value: { kind: "vector", elements }, warnings: [], infos: [] };
    },
    queryRange: async (expr: string, { fromMs }: { fromMs: number }) => {
      asked.push(expr);
      if (expr === "sum(") throw new Error("1:5: parse error");
      const line = {
        labels: [],
        timesMs: Float64Array.of(fromMs),
        values: Float64Array.of(value()),
      };
      return { value: { kind: "matrix", series: [line] }, warnings: [], infos: [] };
    },
  } as unknown as HubPort;
  return { hub, asked };
}

function memoryAddress(start: string): PageAddress {
  let search = start;
  const listeners = new Set<() => void>();
  return {
    search: () => search,
    go(next) {
      search = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function shown(Part: () => string, options: { value?: () => number; search?: string } = {}) {
  const clock = new FakeClock(1_794_925_920_000);
  const { hub, asked } = hubOf(options.value ?? (() => 42));
  const page = new LivePage({ hub, clock });
  const address = memoryAddress(options.search ?? "");
  const host = document.createElement("div");
  const root = createRoot(host);
  const draw = (part: () => string) => {
    const Drawn = part;
    return act(async () => {
      root.render(
        <StrictMode>
          <HubProvider page={page} address={address}>
            <Drawn />
          </HubProvider>
        </StrictMode>,
      );
    });
  };
  ends.push(() => act(() => root.unmount()));
  await draw(Part);
  const advance = (ms: number) => act(() => clock.advance(ms));
  return { host, asked, advance, address, clock, root };
}

it("gives a metric as a plain number, undefined before there is one", async () => {
  const seen: (number | undefined)[] = [];
  const { host, asked, advance } = await shown(() => {
    const latency = useMetric("finance.api_ms");
    seen.push(latency);
    return String(latency);
  });
  await advance(0);
  expect(seen[0]).toBeUndefined();
  expect(host.textContent).toBe("42");
  expect(asked).toEqual(["finance.api_ms"]);
});

it("has no number where the value is no number", async () => {
  const { host, advance } = await shown(() => String(useMetric("x")), { value: () => Number.NaN });
  await advance(0);
  expect(host.textContent).toBe("undefined");
});

it("reads the range from the address and writes it back", async () => {
  let change: (() => void) | undefined;
  const { host, address } = await shown(
    () => {
      const { time, set } = useTimeRange();
      change = () => set({ time: { from: "now-6h", to: "now" } });
      return time.from;
    },
    { search: "?tab=2&from=now-30m&to=now" },
  );
  expect(host.textContent).toBe("now-30m");
  await act(async () => change?.());
  expect(host.textContent).toBe("now-6h");
  expect(address.search()).toBe("?tab=2&from=now-6h&to=now");
});

it("keeps the last picture while another range is on its way", async () => {
  const { host, advance, address } = await shown(() => {
    const { status, data, fetching } = useRangeQuery("x", { widthPx: 600 });
    return `${status} ${data?.series.length ?? 0} ${fetching}`;
  });
  await advance(0);
  expect(host.textContent).toBe("ready 1 false");
  const texts: string[] = [];
  const observer = new MutationObserver(() => texts.push(host.textContent ?? ""));
  observer.observe(host, { characterData: true, subtree: true });
  await act(async () => address.go("?from=now-6h&to=now", "push"));
  await advance(0);
  observer.disconnect();
  expect(host.textContent).toBe("ready 1 false");
  expect(texts.some((text) => text.startsWith("loading"))).toBe(false);
});

it("shows nothing of another expression, on its way or failed", async () => {
  let expr = "x";
  const seen: string[] = [];
  const { advance, address } = await shown(() => {
    const states = [useRangeQuery(expr, { widthPx: 600 }), useInstantQuery(expr)];
    seen.push(states.map(({ status, data }) => `${status} ${data !== undefined}`).join(", "));
    return seen.at(-1) ?? "";
  });
  await advance(0);
  expect(seen.at(-1)).toBe("ready true, ready true");
  expr = "sum(";
  seen.length = 0;
  await act(async () => address.go("?from=now-6h&to=now", "push"));
  await advance(0);
  expect(seen.at(-1)).toBe("error false, error false");
  expect(seen.filter((text) => text.includes("true"))).toEqual([]);
});

it("asks nothing for a panel that is off screen", async () => {
  const { asked, advance } = await shown(
    () => useRangeQuery("x", { widthPx: 600, visible: false }).status,
  );
  await advance(60_000);
  expect(asked).toEqual([]);
});

it("tells the time on the beat", async () => {
  const { host, advance } = await shown(() => String(useNow(1_000)));
  const before = Number(host.textContent);
  await advance(2_000);
  expect(Number(host.textContent) - before).toBe(2_000);
});
