import type { NotificationList, SentNotification } from "@hms-ops/wire/api";
import type { Route } from "../ports.ts";
import { jsonAnswer } from "./json-answer.ts";

const DEFAULT_LIMIT = 50;
const MOST = 1_000;

/** `GET /api/ops/v1/notifications`: what was told to whom, newest first. */
export function notificationsAnswer(
  list: (limit: number) => readonly SentNotification[],
): Route["handle"] {
  return ({ query }) => {
    const asked = Number(query.get("limit") ?? DEFAULT_LIMIT);
    const limit = Number.isSafeInteger(asked) && asked > 0 ? Math.min(asked, MOST) : DEFAULT_LIMIT;
    return jsonAnswer({ notifications: list(limit) } satisfies NotificationList);
  };
}
