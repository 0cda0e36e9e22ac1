import type { Board } from "@hms-ops/model";

/** `GET /api/ops/v1/boards` and `GET /api/ops/v1/boards/UID` (a `Board`). */
export const BOARDS_PATH = "/api/ops/v1/boards";
export const BOARD_PATH = "/api/ops/v1/boards/:uid";

export interface BoardList {
  readonly boards: readonly BoardSummary[];
}

export interface BoardSummary extends Pick<Board, "uid" | "title" | "description" | "tags"> {
  /** `shipped` with HMS-OPS, or the file in dashboards/ that it came from. */
  readonly origin: string;
}
