import { expect, it } from "vitest";
import { defaultWebhooks } from "./receivers.ts";

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
