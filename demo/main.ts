/**
 * The simulated agency: four services made with our own SDK, each with its own /metrics on a free
 * port, announced to the hub. The hub starts it for `--demo` and switches faults over IPC:
 * `{kind: "fault", name, on}`, `{kind: "faults"}`; it answers `{kind: "faults", faults}`. It ends
 * with its parent.
 */
import { seededRandom } from "@hms-ops/model";
import { Agency, FAULTS, type FaultName } from "./agency-model.ts";
import { makeServices } from "./services.ts";

const SECOND_MS = 1000;

const agency = new Agency(seededRandom(Date.now() % 2 ** 31));
const services = makeServices();

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

for (const { telemetry } of services) telemetry.listen(0);
setInterval(live, SECOND_MS);
tellFaults();
