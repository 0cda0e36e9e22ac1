/**
 * The simulated agency: four services made with our own SDK, each with its own /metrics on a free
 * port, announced to the hub, and more than an hour of past. The hub starts it for `--demo` and switches faults over IPC:
 * `{kind: "fault", name, on}`, `{kind: "faults"}`; it answers `{kind: "faults", faults}`. It ends
 * with its parent.
 */
import { HubClient } from "@hms-ops/client";
import { seededRandom } from "@hms-ops/model";
import { Agency, FAULTS, type FaultName } from "./agency-model.ts";
import { liveTheLastHour } from "./history.ts";
import { makeServices } from "./services.ts";

const SECOND_MS = 1000;

const agency = new Agency(seededRandom(Date.now() % 2 ** 31));
const services = makeServices();
/** Takes the agency's past; without one (run by hand) there is none. */
const hub = process.env.HMS_OPS_URL ? new HubClient({ url: process.env.HMS_OPS_URL }) : undefined;

function live(): void {
  const second = agency.second(Date.now());
  for (const service of services) service.record(second);
}

function tellFaults(): void {
  const names = Object.keys(FAULTS) as FaultName[];
  const faults = names.map((name) => ({ name, summary: FAULTS[name], on: agency.isOn(name) }));
  process.send?.({ kind: "faults", faults });
}

process.on("message", (message: { kind: string; name?: string; on?: boolean }) => {
  if (message.kind === "fault" && message.name !== undefined && message.name in FAULTS) {
    agency.switchFault(message.name as FaultName, message.on === true);
  }
  tellFaults();
});
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches the whole terminal group; the hub ends first and then us.
process.on("SIGINT", () => {});

tellFaults();
const history = liveTheLastHour(agency, services, Math.floor(Date.now() / SECOND_MS) * SECOND_MS);
setInterval(live, SECOND_MS);
for (const [i, { telemetry }] of services.entries()) {
  const { port } = await telemetry.listen(0).address();
  const source = { job: telemetry.service, instance: `127.0.0.1:${port}` };
  for (const body of history[i]?.bodies ?? []) await hub?.ingest(body, source);
}
