import { Empty, Panel } from "@hms-mfe/bricks";
import { useServices } from "@hms-ops/react";
import { copyText } from "../../shell/copy.ts";
import { useOwnCommand } from "../../shell/own-command.ts";

/** Is anything arriving? What to type, and what the hub found by itself. */
export function FirstRun({ url = "http://127.0.0.1:9090" }: { readonly url?: string | undefined }) {
  const services = useServices();
  const hmsOps = useOwnCommand();
  const found = services.data?.services ?? [];
  return (
    <div className="hms-stack">
      <Panel title="Send the first number">
        <Empty command={`curl --data 'people_waiting 3' ${url}/ingest`} copy={copyText}>
          One line of text is enough. Explore shows it within seconds.
        </Empty>
      </Panel>
      <Panel title="Collect from a service">
        <Empty command={`${hmsOps} collect --scrape http://localhost:8000/metrics`} copy={copyText}>
          Any address that answers in the Prometheus text format.
        </Empty>
      </Panel>
      <Panel title="Watch a simulated agency">
        <Empty command={`${hmsOps} up --demo`} copy={copyText}>
          Refund checks, claim scoring, licence payments, and a fault to switch on.
        </Empty>
      </Panel>
      {found.length > 0 ? (
        <Panel title="Found on this machine">
          <ul>
            {found.map((service) => (
              <li key={`${service.job} ${service.instance}`}>
                {service.job}, <span className="hms-code">{service.url || service.instance}</span>:{" "}
                {service.health}
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
    </div>
  );
}
