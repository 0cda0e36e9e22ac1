import type {
  useBoards,
  useCardinality,
  useNotifications,
  useRules,
  useStore,
} from "@hms-ops/react";

type Answer<Hook extends (...inputs: never[]) => { readonly data: unknown }> = NonNullable<
  ReturnType<Hook>["data"]
>;

/** What the hooks of `@hms-ops/react` answer, by name. */
export type BoardList = Answer<typeof useBoards>;
export type SentNotification = Answer<typeof useNotifications>["notifications"][number];
export type ListedRule = Answer<typeof useRules>["rules"][number];
type CardinalityReport = Answer<typeof useCardinality>;
export type CardinalityFigures = CardinalityReport["total"];
export type CardinalityEntry = CardinalityReport["rows"][number];
type CardinalityQuestion = Parameters<typeof useCardinality>[0];
export type CardinalityBy = CardinalityQuestion["by"];
export type CardinalityOrder = CardinalityQuestion["order"];
export type LimitHit = Answer<typeof useStore>["limitHits"][number];
