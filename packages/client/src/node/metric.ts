import { MetricDoor } from "../emit/metric.ts";
import { defaultRegistry } from "../emit/metrics.ts";
import { AGENT_PORT } from "./agent.ts";
import { defaultServiceName, environment, nodeClock, warnOnce } from "./platform.ts";
import { Pusher } from "./pusher.ts";

const HUB_URL = "http://127.0.0.1:9090";

/** Made with the first event: whoever only imports the package starts nothing. */
let pusher: Pusher | undefined;

function openPusher(): Pusher {
  defaultRegistry.onProblem(warnOnce);
  const opened = new Pusher({
    registry: defaultRegistry,
    clock: nodeClock,
    fetch: (url, init) => fetch(url, init),
    service: defaultServiceName(),
    pushUrl: environment("OPS_PUSH"),
    agentUrl: `http://127.0.0.1:${AGENT_PORT}/metrics`,
    hubUrl: environment("OPS_HUB") ?? HUB_URL,
  });
  process.once("beforeExit", () => void opened.flush());
  return opened;
}

/**
 * The one-liners of the SDK: `metric.timer(name)(fn)`, `metric.increment(name)`,
 * `metric.push(name, value)`. They never throw, block or keep the process alive.
 */
export const metric: MetricDoor = new MetricDoor(defaultRegistry, nodeClock, {
  push: (event) => {
    pusher ??= openPusher();
    pusher.push(event);
  },
});
