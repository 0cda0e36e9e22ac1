import { HubClient } from "@hms-ops/client";
import type { Clock } from "@hms-ops/model";
import { LivePage } from "@hms-ops/panels";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { Router } from "./router.ts";
import "@hms-mfe/bricks";
import "@hms-ops/panels/panels.css";
import "./fonts.css";

const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

// No address: the hub that served the page.
const live = new LivePage({ hub: new HubClient({ url: "" }), clock });
const root = document.getElementById("page");
if (root) createRoot(root).render(<App live={live} router={new Router(window)} />);
