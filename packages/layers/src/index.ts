import type { Board } from "@hms-ops/model";
import type { ShippedRuleFile } from "./layer.ts";
import { LAYERS } from "./table.ts";

export type { Layer, ShippedRuleFile } from "./layer.ts";
export { LAYERS };

/** Boards that every hub has, in the order of their list. */
export const shippedBoards: readonly Board[] = LAYERS.flatMap(({ boards }) => boards);

/** Alerts that every hub has; a user's alert of the same name takes a shipped one's place. */
export const shippedRules: readonly ShippedRuleFile[] = LAYERS.flatMap(({ rules }) => rules);
