/** `GET /api/ops/v1/notifications?limit=50`: newest first, what was told to whom. */
export const NOTIFICATIONS_PATH = "/api/ops/v1/notifications";

export interface NotificationList {
  readonly notifications: readonly SentNotification[];
}

export interface SentNotification {
  readonly id: string;
  readonly atMs: number;
  readonly alertName: string;
  readonly status: "firing" | "resolved";
  /** `sms`, `webhook`, `slack` … */
  readonly channel: string;
  /** Secrets in it are struck out. */
  readonly to: string;
  /** The text as a person reads it. */
  readonly text: string;
  readonly delivery: "sent" | "not-sent" | "failed" | "waiting";
  /** `not sent: no SMS gateway`, the HTTP status of the webhook … */
  readonly note: string;
}
