import type { useBoards, useNotifications, useRules } from "@hms-ops/react";

type Answer<Hook extends () => { readonly data: unknown }> = NonNullable<ReturnType<Hook>["data"]>;

/** What the hooks of `@hms-ops/react` answer, by name. */
export type BoardList = Answer<typeof useBoards>;
export type SentNotification = Answer<typeof useNotifications>["notifications"][number];
export type ListedRule = Answer<typeof useRules>["rules"][number];
