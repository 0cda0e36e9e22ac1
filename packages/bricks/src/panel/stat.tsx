import type { StatModel } from "@hms-ops/panels";
import { StatusMark } from "../status/status-mark.tsx";
import { Sparkline } from "./sparkline.tsx";
import "./stat.css";

export interface StatProps {
  readonly model: StatModel;
  /** The one solid red tile of a screen. */
  readonly solid?: boolean;
}

/** A readout: number, unit, how it got there, and what its limit says. */
export function Stat({ model, solid }: StatProps) {
  const alarming = model.state === "crit" || model.state === "warn";
  return (
    <div className={`hms-stat${solid ? " hms-stat-solid" : ""}`}>
      <div className={`hms-stat-value hms-stat-${model.state}`}>
        <span className="hms-readout">
          {model.value.number}
          {model.value.unit ? <span className="hms-unit">{model.value.unit}</span> : null}
        </span>
        {alarming || model.state === "none" ? (
          <StatusMark state={model.state} word={model.stateWord} />
        ) : null}
      </div>
      <Sparkline model={model.spark} />
      {model.note ? <p className="hms-small hms-dim">{model.note}</p> : null}
    </div>
  );
}
