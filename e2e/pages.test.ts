import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
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

const ROOT = join(import.meta.dirname, "..");
const SHARE =
  "sum by (service) (rate(errors_total[5m])) / sum by (service) (rate(requests_total[5m]))";
const PAGES = {
  home: "/",
  explore: `/explore?q=${encodeURIComponent(SHARE)}`,
  boards: "/boards",
  board: "/boards/ach",
  alerts: "/alerts",
  series: "/cardinality",
  alert: "/alerts?alert=HighErrorRate",
} as const;
const WIDTHS = [1440, 1024, 390] as const;
const TITLE = `pages (needs: ${CHROMIUM_COMMAND})`;

let folder: string;
let hub: ChildProcess;
let base: string;
let browser: Browser;
let page: Page;
let said: string[];

beforeAll(async () => {
  if (CHROMIUM_MISSING) return;
  folder = mkdtempSync(join(tmpdir(), "hms-ops-pages-"));
  const dist = join(folder, "dist");
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const built = spawnSync(process.execPath, [vite, "build", "apps/web", "--outDir", dist], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(built.status, built.stderr).toBe(0);
  const fake = join(ROOT, "apps/web/src/testing/fake-hub.ts");
  hub = spawn(process.execPath, [fake, "--dist", dist], { stdio: ["ignore", "pipe", "inherit"] });
  if (!hub.stdout) throw new Error("the fake hub has no output");
  [base] = (await once(createInterface(hub.stdout), "line")) as [string];
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  if (hub) {
    hub.kill("SIGTERM");
    await once(hub, "exit");
  }
  if (folder) rmSync(join(folder, "dist"), { recursive: true, force: true });
});

beforeEach(async () => {
  if (CHROMIUM_MISSING) return;
  await scenario("incident");
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  said = watchConsole(page);
  return () => context.close();
});

async function scenario(name: string): Promise<void> {
  await fetch(`${base}/testing/scenario/${name}`, { method: "POST" });
}

/** Until the page shows what it has: a title, and no panel in sight that still waits. */
async function open(path: string): Promise<void> {
  await page.goto(base + path);
  await settle();
}

async function settle(): Promise<void> {
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(() => {
    const busy = [...document.querySelectorAll('[aria-busy="true"]')];
    const seen = ({ top, bottom }: DOMRect) => bottom > 0 && top < innerHeight;
    const title = document.querySelector("main h1")?.textContent ?? "";
    return title !== "Asking the hub." && !busy.some((one) => seen(one.getBoundingClientRect()));
  });
  await page.evaluate(() => document.fonts.ready);
}

const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");

describe.skipIf(CHROMIUM_MISSING)(TITLE, () => {
  for (const theme of ["light", "dark", "contrast"]) {
    for (const [name, path] of Object.entries(PAGES)) {
      it(`${name} in ${theme} is sound at every width`, async () => {
        const address = `${path}${path.includes("?") ? "&" : "?"}theme=${theme}`;
        await open(address);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 1100 });
          await settle();
          await expect.poll(() => overflowPx(page), { message: `${width} px` }).toBe(0);
          expect(await findViolations(page), `${width} px`).toEqual([]);
          await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
        }
        expect(said).toEqual([]);
      });
    }
  }

  it("every page holds at 320 px, which is 400 % of 1280", async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    for (const path of Object.values(PAGES)) {
      await open(path);
      await expect.poll(() => overflowPx(page), { message: path }).toBe(0);
    }
  });

  it("dialogs and menus are accessible too", async () => {
    await open("/");
    for (const name of ["Help", "Time range"]) {
      await page.getByRole("button", { name }).first().click();
      await page.getByRole("dialog", { name }).waitFor();
      expect(await findViolations(page), name).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog", { name }).waitFor({ state: "hidden" });
    }
    await page.getByRole("button", { name: "Theme" }).click();
    await page.getByRole("menuitemradio", { name: "Dark" }).waitFor();
    expect(await findViolations(page)).toEqual([]);
  });
});

describe.skipIf(CHROMIUM_MISSING)(`by keyboard alone: ${TITLE}`, () => {
  it("the first Tab offers to skip to the content", async () => {
    await open("/");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  });

  it("pages are two keys away, and focus goes with them", async () => {
    await open("/");
    for (const [keys, path] of [
      ["ge", "/explore"],
      ["gd", "/boards"],
      ["ga", "/alerts"],
      ["gs", "/cardinality"],
      ["gh", "/"],
    ] as const) {
      await page.keyboard.type(keys);
      await page.waitForURL((url) => url.pathname === path);
      await settle();
      expect(await page.evaluate(() => document.activeElement?.id), path).toBe("main");
    }
  });

  it("an expression is typed, run, seen as chart and as table", async () => {
    await open("/explore");
    const editor = page.getByRole("textbox", { name: "Expression" });
    await editor.focus();
    await page.keyboard.type("sum(up)");
    await page.locator(".cm-tooltip-autocomplete").waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("q") === "sum(up)");
    await page.locator(".cm-tooltip-autocomplete").waitFor({ state: "detached" });
    await page.keyboard.press("Control+A");
    await page.keyboard.type("up");
    await page.locator(".cm-tooltip-autocomplete").waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("q") === "up");
    await page.locator("canvas").first().waitFor();
    await page.getByRole("button", { name: "Table", exact: true }).press("Enter");
    await page.getByRole("cell", { name: "hms-esq" }).first().waitFor();
    expect(new URL(page.url()).searchParams.get("view")).toBe("table");
  });

  it("a metric is found with / and chosen", async () => {
    await open("/explore");
    await page.getByRole("button", { name: "queue_depth" }).waitFor();
    await page.locator("main").focus();
    await page.keyboard.press("/");
    await page.keyboard.type("queue");
    await page.getByRole("button", { name: "queue_depth" }).press("Enter");
    await page.waitForURL((url) => url.searchParams.get("q") === "queue_depth");
  });

  it("an alert is opened from the list, and closed", async () => {
    await open("/alerts");
    await page.getByRole("link", { name: "HighErrorRate" }).last().press("Enter");
    await page.getByRole("heading", { name: "HighErrorRate" }).waitFor();
    expect(await focused()).toBe("HighErrorRate");
    await page.getByRole("link", { name: "Close" }).press("Enter");
    await page.getByRole("heading", { name: "HighErrorRate" }).waitFor({ state: "detached" });
  });

  it("a panel becomes a table with a, and a chart again", async () => {
    await open("/boards/ach");
    const asTable = page.getByRole("button", { name: "As table" }).first();
    await asTable.focus();
    await page.keyboard.press("a");
    await page.waitForURL((url) => url.searchParams.get("table") === "6");
    await page.getByRole("button", { name: "As chart" }).focus();
    await page.keyboard.press("a");
    await page.waitForURL((url) => !url.searchParams.has("table"));
  });

  it("the time range is typed, and zoomed out with t z", async () => {
    await open("/");
    await page.getByRole("button", { name: "Time range" }).press("Enter");
    await page.getByLabel("Type a range or a moment").fill("3h");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("from") === "now-3h");
    await page.locator("main").focus();
    await page.keyboard.type("tz");
    await page.waitForURL((url) => /^\d+$/.test(url.searchParams.get("from") ?? ""));
    const { searchParams } = new URL(page.url());
    const span = Number(searchParams.get("to")) - Number(searchParams.get("from"));
    expect(Math.round(span / 3_600_000)).toBe(6);
  });

  it("single keys can be switched off, and stay off", async () => {
    await open("/");
    await page.keyboard.press("?");
    await page.getByRole("checkbox", { name: "Use keys without Ctrl or Alt" }).press("Space");
    await page.keyboard.press("Escape");
    await page.reload();
    await settle();
    await page.keyboard.type("ge?");
    expect(new URL(page.url()).pathname).toBe("/");
    expect(await page.getByRole("dialog", { name: "Help" }).isVisible()).toBe(false);
  });
});

describe.skipIf(CHROMIUM_MISSING)(`what the hub has to say: ${TITLE}`, () => {
  it("a hub without data shows what to type", async () => {
    await scenario("empty");
    await open("/");
    await page.getByRole("heading", { name: "Nothing has arrived yet." }).waitFor();
    await page.getByText("npx hms-ops up --demo").waitFor();
    await page.getByText("Waiting for data").waitFor();
    expect(await findViolations(page)).toEqual([]);
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("a good day has no banner, and the clock says steady", async () => {
    await scenario("calm");
    await open("/boards/ach");
    await page.getByText("Steady", { exact: true }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("a hub that stops answering is said in the strip, and the page stays", async () => {
    await open("/alerts");
    await page.getByRole("link", { name: "HighErrorRate" }).first().waitFor();
    await scenario("down");
    await page.getByText("Hub does not answer").waitFor();
    expect(await page.getByRole("link", { name: "HighErrorRate" }).count()).toBeGreaterThan(0);
    await scenario("incident");
    await page.getByText("Ingest healthy").waitFor();
  });

  it("a rule file with an error is named above the rules that run", async () => {
    await scenario("refused");
    await open("/alerts");
    const banner = page.getByRole("alert");
    await banner.getByText("alerts/bad.yml:2:7: expr: unclosed left parenthesis").waitFor();
    expect(await page.getByRole("link", { name: "HighErrorRate" }).count()).toBeGreaterThan(0);
    expect(await findViolations(page)).toEqual([]);
    await scenario("incident");
  });

  it("a refused expression shows the code and how to mend it", async () => {
    await open(`/explore?q=${encodeURIComponent("sum(up")}`);
    await page.getByText("OPS-1201").first().waitFor();
    await page
      .getByText(/close the bracket/i)
      .first()
      .waitFor();
  });

  it("addresses of Prometheus and Alertmanager open our pages", async () => {
    await open("/graph?g0.expr=up&g0.tab=1");
    expect(page.url()).toBe(`${base}/explore?q=up&view=table`);
    await open("/rules");
    expect(page.url()).toBe(`${base}/alerts`);
    await open("/#/alerts");
    expect(new URL(page.url()).pathname).toBe("/alerts");
    await open("/targets");
    expect(page.url()).toBe(`${base}/`);
  });

  it("an own board lives in its address", async () => {
    await open("/explore?q=up&q=queue_depth");
    await page.getByRole("link", { name: "Keep as board" }).click();
    await page.getByRole("heading", { name: "Your own board" }).waitFor();
    expect(new URL(page.url()).searchParams.getAll("q")).toEqual(["up", "queue_depth"]);
    await open("/boards");
    await page.getByRole("link", { name: "Your own board" }).waitFor();
  });
});
