import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  CHROMIUM_COMMAND,
  CHROMIUM_MISSING,
  findViolations,
  launchChromium,
  overflowPx,
  watchConsole,
} from "./support/browser.ts";
import { type HubProcess, ROOT, removeFolder, startHub } from "./support/hub.ts";

const TITLE = `Explore explains (needs: ${CHROMIUM_COMMAND})`;
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

let hub: HubProcess;
let dist: string;
let browser: Browser;
let page: Page;
let said: string[];

beforeAll(async () => {
  if (CHROMIUM_MISSING) return;
  hub = await startHub();
  dist = join(hub.folder, "dist");
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const built = spawnSync(process.execPath, [vite, "build", "apps/web", "--outDir", dist], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(built.status, built.stderr).toBe(0);
  const stored = await fetch(`${hub.url}/ingest?job=demo`, { method: "POST", body: lastMinutes() });
  expect(stored.status).toBe(200);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  if (hub) {
    await hub.stop();
    removeFolder(hub.folder);
  }
});

beforeEach(async () => {
  if (CHROMIUM_MISSING) return;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  said = watchConsole(page);
  // The pages as they were built just now, the answers of the hub.
  await page.route(
    ({ pathname }) => !pathname.startsWith("/api/"),
    async (route) => {
      const { pathname } = new URL(route.request().url());
      const file = extname(pathname) === "" ? "/index.html" : pathname;
      const body = readFileSync(join(dist, file));
      await route.fulfill({ body, contentType: TYPES[extname(file)] ?? "text/plain" });
    },
  );
  return () => context.close();
});

/** A counter and a gauge of two services over twenty minutes. */
function lastMinutes(): string {
  const nowMs = Date.now();
  const points = Array.from({ length: 80 }, (_, i) => [i, nowMs - (80 - i) * 15_000] as const);
  const counted = ["ach", "irs"].flatMap((service) =>
    points.map(([i, timeMs]) => `requests_total{service="${service}"} ${i * 150} ${timeMs}`),
  );
  const waiting = points.map(([i, timeMs]) => `queue_depth ${i % 7} ${timeMs}`);
  const lines = [
    "# TYPE requests_total counter",
    ...counted,
    "# TYPE queue_depth gauge",
    ...waiting,
  ];
  return `${lines.join("\n")}\n`;
}

async function open(expr: string, more = ""): Promise<void> {
  await page.goto(`${hub.url}/explore?q=${encodeURIComponent(expr)}${more}`);
  await page.locator(".cm-content").waitFor();
}

const typed = async () => (await page.locator(".cm-line").allInnerTexts()).join("\n");
const panelSentence = (hasText: string) => page.locator(".hms-panel-sentence", { hasText });
const note = (words: string) => page.locator(".explore-note", { hasText: words });
const underlined = () =>
  page.evaluate(() => [...CSS.highlights.values()].flatMap((all) => [...all].map(String)));

describe.skipIf(CHROMIUM_MISSING)(TITLE, () => {
  it("says in a sentence what is asked, and counts per minute at a click", async () => {
    await open("sum by (service) (rate(requests_total[5m]))");
    await page.getByText("For each service the sum of the per-second increase of").waitFor();
    await page.getByRole("button", { name: "Per minute" }).click();
    await expect.poll(typed).toBe("sum by (service) (rate(requests_total[5m])) * 60");
    expect(new URL(page.url()).searchParams.get("q")).toContain("* 60");
    await page.locator(".hms-panel-unit", { hasText: "per minute" }).waitFor();
    expect(said).toEqual([]);
  });

  it("underlines what is odd, says it, and mends it at a click", async () => {
    await open("sum(rate(reqests_total[5m]))");
    await note("no metric called reqests_total").waitFor();
    await expect.poll(underlined).toEqual(["reqests_total"]);
    const status = page.getByRole("status").filter({ hasText: "Warning at line 1, column 10" });
    await status.waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Use requests_total" }).click();
    await expect.poll(typed).toBe("sum(rate(requests_total[5m]))");
    await expect.poll(underlined).toEqual([]);
    expect(await page.evaluate(() => document.activeElement?.className)).toContain("cm-content");
  });

  it("mends while it is typed, by keyboard alone", async () => {
    await open("");
    await page.locator(".cm-content").focus();
    await page.keyboard.type("rate(queue_depth");
    await page.keyboard.press("Escape");
    await note("expected type range vector").waitFor();
    await page.getByRole("button", { name: "Add the range [5m]" }).focus();
    await page.keyboard.press("Enter");
    await note("queue_depth is a gauge").waitFor();
    await page.getByRole("button", { name: "Use deriv" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(typed).toBe("deriv(queue_depth[5m])");
  });

  it("formats by key", async () => {
    await open("sum(rate(requests_total[5m]))by(service)");
    await page.locator(".cm-content").focus();
    await page.keyboard.press("Alt+Shift+F");
    await expect.poll(typed).toBe("sum by (service) (rate(requests_total[5m]))");
  });

  it("understands the mini dialect and shows what it was turned into", async () => {
    await open("IF max(queue_depth) > 3 AND requests_total per minute > 10");
    const promql = "max(queue_depth) > 3 and on () sum(rate(requests_total[5m])) * 60 > 10";
    await page.locator(".explore-understood", { hasText: promql }).waitFor();
    await page.getByRole("button", { name: "Use this" }).click();
    await expect.poll(typed).toBe(promql);
  });

  it("says in the empty chart and table why nothing answers", async () => {
    await open("sum by (service) (rate(requests_total[5m])) > 1e9");
    const reason =
      "The condition > 1000000000 is never true in this time range: sum by (service) (rate(requests_total[5m])) lies between";
    await page.locator(".hms-panel", { hasText: reason }).waitFor();
    await open("queue_depth > 1e9", "&view=table");
    await page.getByText("The condition > 1000000000 is never true at this time").waitFor();
    await open("rate(requests_total[15s])");
    await note("the range 15s holds less than two samples of requests_total").waitFor();
    expect(said).toEqual([]);
  });

  it("says of a value newer than the last step that it is drawn with the next", async () => {
    const stored = await fetch(`${hub.url}/ingest`, { method: "POST", body: "fresh_1 1" });
    expect(stored.status).toBe(200);
    await open("fresh_1", "&from=now-7d&to=now");
    await page.getByText("newer than the chart's last step").waitFor();
    await page.getByText("Table", { exact: true }).click();
    await page.getByRole("cell", { name: "fresh_1" }).waitFor();
    expect(said).toEqual([]);
  });

  it("shows nothing of an expression below the next one, and says NaN", async () => {
    await open("42");
    await panelSentence("Value is steady at 42.").waitFor();
    await page.locator(".cm-content").fill("up[5m]");
    await page.keyboard.press("Enter");
    await page.getByText("OPS-1207").waitFor();
    expect(await page.locator(".hms-panel-sentence").count()).toBe(0);
    expect(await page.locator(".hms-chart").count()).toBe(0);
    await open("vector(NaN)");
    await panelSentence("Value is NaN.").waitFor();
    await page.getByText("every value is NaN or infinite").waitFor();
    await page.getByRole("cell", { name: "NaN" }).first().waitFor();
  });

  it("shows the plan and where the time went", async () => {
    await open("sum(rate(requests_total[5m]))");
    await page.getByText("How this is answered").click();
    await page.getByRole("row", { name: /read requests_total over 5m/ }).waitFor();
    expect(await page.locator(".explore-costs").innerText()).toContain("2 series and");
    await page.getByRole("button", { name: "Run again" }).waitFor();
  });

  it("is sound in every theme, down to 320 px", async () => {
    for (const theme of ["light", "dark"]) {
      await open("rate(sum(requests_total)[10m:])", `&theme=${theme}`);
      await note("misses resets").waitFor();
      await page.getByText("How this is answered").click();
      await page.getByRole("button", { name: "Run again" }).waitFor();
      for (const width of [1440, 320]) {
        await page.setViewportSize({ width, height: 900 });
        await expect.poll(() => overflowPx(page), { message: `${theme} ${width} px` }).toBe(0);
        expect(await findViolations(page), `${theme} ${width} px`).toEqual([]);
      }
    }
    expect(said).toEqual([]);
  });
});
