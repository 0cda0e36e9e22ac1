import { spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM_MISSING, launchChromium } from "./support/browser.ts";
import {
  eventually,
  getData,
  HMS_OPS,
  type HubProcess,
  instant,
  quietEnvironment,
  removeFolder,
  startHub,
} from "./support/hub.ts";

interface WebhookMessage {
  readonly status: "firing" | "resolved";
  readonly alerts: readonly { readonly labels: Record<string, string> }[];
}

const received: WebhookMessage[] = [];
let webhook: Server;
let hub: HubProcess;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (CHROMIUM_MISSING) return;
  webhook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      received.push(JSON.parse(body) as WebhookMessage);
      response.end();
    });
  });
  await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
  const { port } = webhook.address() as AddressInfo;
  hub = await startHub({
    flags: ["--demo", "--no-discovery"],
    environment: { HMS_OPS_WEBHOOK: `http://127.0.0.1:${port}/hook` },
  });
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
});

afterAll(async () => {
  await browser?.close();
  webhook?.close();
  if (hub) {
    await hub.stop();
    removeFolder(hub.folder);
  }
});

function switchFault(...flags: string[]): void {
  const { status, stdout, stderr } = spawnSync(
    HMS_OPS,
    ["demo", "fault", "payments-slow", ...flags],
    {
      env: { ...quietEnvironment(hub.folder), HMS_OPS_URL: hub.url },
      encoding: "utf8",
    },
  );
  expect(status, stdout + stderr).toBe(0);
}

async function errorShare(): Promise<number> {
  const expr =
    'sum(rate(errors_total{service="hms-ach"}[1m])) / sum(rate(requests_total{service="hms-ach"}[1m]))';
  const { result } = await instant(hub.url, expr);
  return Number(result[0]?.value[1] ?? Number.NaN);
}

async function alertState(): Promise<string> {
  const { alerts } = await getData<{
    alerts: { labels: Record<string, string>; state: string }[];
  }>(hub.url, "/api/v1/alerts");
  return alerts.find(({ labels }) => labels.alertname === "HighErrorRate")?.state ?? "inactive";
}

const banner = () => page.getByRole("alert").filter({ hasText: "HighErrorRate" });
const hooked = (status: string) =>
  received.some(
    (message) =>
      message.status === status &&
      message.alerts.some(({ labels }) => labels.alertname === "HighErrorRate"),
  );

describe.skipIf(CHROMIUM_MISSING)("from fault to page to all clear", () => {
  it("the ACH board shows requests and no banner on a good day", async () => {
    await page.goto(`${hub.url}/boards/ach`);
    await page.getByRole("heading", { name: "HMS-ACH", exact: false }).first().waitFor();
    await eventually(errorShare, (share) => share >= 0 && share < 0.05, 60_000);
    expect(await banner().count()).toBe(0);
    expect(await page.locator("canvas").count()).toBeGreaterThan(0);
  });

  it("the fault raises the error line; the alert goes pending, then firing", async () => {
    switchFault();
    await eventually(errorShare, (share) => share > 0.05, 60_000);
    await eventually(alertState, (state) => state === "pending", 90_000);
    await eventually(alertState, (state) => state === "firing", 120_000);
  });

  it("the banner shows on the open page, and the webhook is told", async () => {
    await banner().first().waitFor({ timeout: 30_000 });
    await eventually(async () => hooked("firing"), Boolean, 30_000);
  });

  it("switched off, it resolves everywhere", async () => {
    switchFault("--off");
    await eventually(alertState, (state) => state === "inactive", 180_000);
    await eventually(async () => hooked("resolved"), Boolean, 60_000);
    await banner().first().waitFor({ state: "detached", timeout: 60_000 });
  });
});
