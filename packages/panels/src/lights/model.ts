import type { StatusState } from "../states/status.ts";

/** Traffic lights: one a series. */
export interface LightsModel {
  readonly lights: readonly Light[];
  readonly sentence: string;
}

export interface Light {
  readonly key: string;
  readonly name: string;
  readonly state: StatusState;
  readonly stateWord: string;
  /** `p95 2.9 s, limit 2 s` */
  readonly detail: string;
}
