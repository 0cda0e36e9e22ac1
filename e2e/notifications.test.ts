import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM_COMMAND, CHROMIUM_MISSING, launchChromium } from "./support/browser.ts";
import { freshFolder, type HubProcess, removeFolder, startHub } from "./support/hub.ts";

const folder = freshFolder();
const configFile = join(folder, "hms-ops.yaml");
let hub: HubProcess;

beforeAll(async () => {
  writeFileSync(configFile, "global: {}\n");
  hub = await startHub({ folder, flags: ["--no-discovery", "--config", configFile] });
});

afterAll(async () => {
  await hub?.stop();
  removeFolder(folder);
});

const TITLE = `a browser (needs: ${CHROMIUM_COMMAND})`;

describe.skipIf(CHROMIUM_MISSING)(TITLE, { timeout: 60_000 }, () => {
  it("hears live that a configuration could not be taken, and that one was", async () => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`${hub.url}/alerts`);
      // As Prometheus' own pages listen: it is told of the opening before anything happened.
      await page.evaluate(async () => {
        const source = new EventSource("/api/v1/notifications/live");
        const heard: unknown[] = [];
        Object.assign(globalThis, { heard });
        source.onmessage = ({ data }) => heard.push(JSON.parse(data));
        await new Promise((resolve) => source.addEventListener("open", resolve));
      });
      for (const text of ["global: 7\n", "global: {}\n"]) {
        writeFileSync(configFile, text);
        await fetch(`${hub.url}/-/reload`, { method: "POST" });
        await fetch(`${hub.url}/api/v1/notifications`);
      }
      await page.waitForFunction(
        () => (globalThis as unknown as { heard: unknown[] }).heard.length === 2,
      );
      const heard = await page.evaluate(
        () => (globalThis as unknown as { heard: unknown[] }).heard,
      );
      expect(heard).toMatchObject([
        { text: "Configuration reload has failed.", active: true },
        { text: "Configuration reload has failed.", active: false },
      ]);
    } finally {
      await browser.close();
    }
  });

  it("keeps no hub from stopping while it listens", async () => {
    const caller = new AbortController();
    const { status } = await fetch(`${hub.url}/api/v1/notifications/live`, {
      signal: caller.signal,
    });
    expect([status, await hub.stop()]).toEqual([200, 0]);
  });
});
