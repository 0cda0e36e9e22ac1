import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

export const CHROMIUM_MISSING = !existsSync(CHROMIUM);
/** For the title of a test that is skipped without it. */
export const CHROMIUM_COMMAND = "apt-get install -y --no-install-recommends chromium";

/** Headless, and silent towards the outside. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What a page says in its console while it is watched: errors and warnings. */
export function watchConsole(page: Page): string[] {
  const said: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(error.message));
  return said;
}

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

/** Each violation of an accessibility rule with the places where it is; empty is right. */
export async function findViolations(page: Page): Promise<readonly string[]> {
  // Evaluated, not added as a script: the page's own policy forbids foreign scripts, as it should.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof import("axe-core") };
    const { violations } = await axe.run();
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" | ")}`,
    );
  });
}

/** How far the page is wider than the window, CSS px; 0 is right. */
export function overflowPx(page: Page): Promise<number> {
  return page.evaluate(() => {
    const main = document.getElementById("main");
    const inner = main ? main.scrollWidth - main.clientWidth : 0;
    return Math.max(document.documentElement.scrollWidth - window.innerWidth, inner);
  });
}
