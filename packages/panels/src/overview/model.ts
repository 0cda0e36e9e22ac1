import type { ShownNumber } from "../numbers/format.ts";
import type { SparklineModel } from "../sparkline/model.ts";
import type { StatusState } from "../states/status.ts";

/** One cell of Home's service grid. Missing figures are undefined, never 0. */
export interface ServiceTile {
  readonly service: string;
  readonly state: StatusState;
  readonly stateWord: string;
  readonly requestsPerMin: number | undefined;
  /** 0 … 1 */
  readonly errorShare: number | undefined;
  readonly p95Ms: number | undefined;
  /** The same three as they are written, with the state of the figure that breaks its limit. */
  readonly figures: readonly TileFigure[];
  /** `Silent for 18 min, last heartbeat 14:14`; may be empty. */
  readonly note: string;
}

export interface TileFigure {
  /** `Requests`, `Errors`, `p95` */
  readonly name: string;
  readonly value: ShownNumber;
  readonly state: "calm" | "warn" | "crit";
  readonly spark: SparklineModel;
}

export interface OverviewModel {
  /** `One service is failing. Two need attention.` */
  readonly title: string;
  readonly counts: Readonly<Record<StatusState, number>>;
  /** Worst first, then by name. */
  readonly tiles: readonly ServiceTile[];
  /** Firing and pending alerts, critical first, then oldest first. */
  readonly alerts: readonly OpenAlert[];
  readonly firing: number;
  readonly pending: number;
}

export interface OpenAlert {
  readonly name: string;
  readonly service: string;
  readonly state: "firing" | "pending";
  readonly severity: "warn" | "crit";
  /** When it began to fire; of a pending one, when its condition began to hold. */
  readonly sinceMs: number;
  /** The summary annotation, else the value; may be empty. */
  readonly detail: string;
  readonly labels: Readonly<Record<string, string>>;
}
