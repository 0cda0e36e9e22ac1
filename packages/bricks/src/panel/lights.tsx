import type { LightsModel } from "@hms-ops/panels";
import { StatusGlyph } from "../status/status-mark.tsx";
import "./lights.css";

export interface LightsProps {
  readonly model: LightsModel;
}

/** Traffic lights: shape, icon, word and colour, with the number that decided. */
export function Lights({ model }: LightsProps) {
  return (
    <ul className="hms-lights">
      {model.lights.map((light) => (
        <li key={light.key} className="hms-light">
          <StatusGlyph state={light.state} />
          <div>
            <b className="hms-strong">{light.name}</b>
            <p className="hms-small hms-dim">
              <span className={`hms-light-word hms-status-${light.state}`}>{light.stateWord}</span>
              {light.detail ? ` · ${light.detail}` : ""}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
