import { readFileSync } from "node:fs";
import { CHANNELS, CONTROL_ERRORS } from "@hms-ops/control";
import { expect, it } from "vitest";
import { readConfig } from "./config-file.ts";
import { defaultWebhooks } from "./receivers.ts";

const HOOK = "https://chat.agency.gov/hooks/oncall";
const GUIDE = new URL("../../../../docs/guides/alert-rules.md", import.meta.url);

it("takes the environment's web hook and those of the routed receiver", () => {
  const alerting = {
    route: { receiver: "ops" },
    receivers: [
      { name: "other", webhook_configs: [{ url: "http://other/" }] },
      { name: "ops", webhook_configs: [{ url: "http://ops/" }], email_configs: [{}] },
    ],
  };
  expect(defaultWebhooks(alerting, { HMS_OPS_WEBHOOK: "http://env/" })).toEqual([
    "http://env/",
    "http://ops/",
  ]);
  expect(defaultWebhooks({ route: 7, receivers: "x" }, {})).toEqual([]);
});

it("is what the words say that nobody is told", () => {
  const words = [CONTROL_ERRORS.nobodyTold.mend, CHANNELS.get("terminal")?.unsentNote ?? ""];
  for (const said of words) {
    const [, name = ""] = /(\w+)=URL/.exec(said) ?? [];
    expect(defaultWebhooks({}, { [name]: HOOK }), said).toEqual([HOOK]);
    expect(said).not.toMatch(/--\w/);
  }
});

it("is what the guide of alert rules writes into hms-ops.yaml", () => {
  const guide = readFileSync(GUIDE, "utf8");
  const [, block = ""] = /```yaml title=hms-ops.yaml\n([\s\S]*?)```/.exec(guide) ?? [];
  const { config, problems } = readConfig(block, "hms-ops.yaml");
  expect(problems).toEqual([]);
  expect(defaultWebhooks(config?.alerting ?? {}, {})).toEqual([HOOK]);
});
