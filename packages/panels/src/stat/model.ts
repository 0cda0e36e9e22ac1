import type { ShownNumber } from "../numbers/format.ts";
import type { SparklineModel } from "../sparkline/model.ts";
import type { StatusState } from "../states/status.ts";

/** One readout: the number with its unit, its state against the limits, and how it got there. */
export interface StatModel {
  readonly title: string;
  readonly state: StatusState;
  readonly stateWord: string;
  readonly value: ShownNumber;
  readonly spark: SparklineModel;
  /** `Over 500 for 13 min.`, `limit 5 %`; may be empty. */
  readonly note: string;
  readonly sentence: string;
}
