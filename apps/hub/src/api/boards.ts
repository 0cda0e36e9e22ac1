import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Board, OpsError } from "@hms-ops/model";
import type { BoardList } from "@hms-ops/wire/api";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_BOARD_FILES } from "../limits.ts";
import type { HubRequest, HubResponse, Log } from "../ports.ts";
import { jsonAnswer } from "./json-answer.ts";

export interface BoardSources {
  readonly shipped: readonly Board[];
  /** Boards of the user, one JSON file each; may be absent. */
  readonly folder: string;
  readonly log: Log;
}

interface KnownBoard {
  readonly board: Board;
  readonly origin: string;
}

/** `/api/ops/v1/boards`: the shipped ones and those in dashboards/, read when they are asked for. */
export class BoardsApi {
  readonly #sources: BoardSources;
  /** Files that were found wrong, so that each is told once. */
  readonly #told = new Set<string>();

  constructor(sources: BoardSources) {
    this.#sources = sources;
  }

  readonly boards = async (): Promise<HubResponse> => {
    const boards = (await this.#known()).map(({ board, origin }) => {
      const { uid, title, description, tags } = board;
      return { uid, title, tags, origin, ...(description !== undefined && { description }) };
    });
    const list: BoardList = { boards };
    return jsonAnswer(list);
  };

  readonly board = async ({ params }: HubRequest): Promise<HubResponse> => {
    const uid = params.uid ?? "";
    const known = (await this.#known()).find(({ board }) => board.uid === uid);
    if (known === undefined) throw new OpsError(HUB_ERRORS.unknownBoard, { uid });
    return jsonAnswer(known.board);
  };

  /** A board of the user takes the place of a shipped one with its uid. */
  async #known(): Promise<readonly KnownBoard[]> {
    const own = await this.#read();
    const shipped = this.#sources.shipped
      .filter(({ uid }) => !own.some(({ board }) => board.uid === uid))
      .map((board) => ({ board, origin: "shipped" }));
    return [...own, ...shipped];
  }

  async #read(): Promise<readonly KnownBoard[]> {
    const { folder } = this.#sources;
    const names = await readdir(folder).catch(() => []);
    const files = names.filter((name) => name.endsWith(".json")).sort();
    const read = await Promise.all(
      files.slice(0, MAX_BOARD_FILES).map((name) => this.#readFile(name)),
    );
    return read.filter((one) => one !== undefined);
  }

  async #readFile(name: string): Promise<KnownBoard | undefined> {
    const origin = `dashboards/${name}`;
    try {
      const value: unknown = JSON.parse(await readFile(join(this.#sources.folder, name), "utf8"));
      if (isBoard(value)) return { board: value, origin };
      this.#tell(origin, "it lacks uid, title or panels of our own form");
    } catch (error) {
      this.#tell(origin, (error as Error).message);
    }
    return undefined;
  }

  #tell(origin: string, reason: string): void {
    if (this.#told.has(`${origin} ${reason}`)) return;
    this.#told.add(`${origin} ${reason}`);
    this.#sources.log.warn("a board cannot be shown", { file: origin, reason });
  }
}

function isBoard(value: unknown): value is Board {
  if (typeof value !== "object" || value === null) return false;
  const { uid, title, tags, panels, bannerAlerts } = value as Record<string, unknown>;
  return (
    typeof uid === "string" &&
    /^[a-z0-9-]+$/.test(uid) &&
    typeof title === "string" &&
    Array.isArray(tags) &&
    Array.isArray(bannerAlerts) &&
    Array.isArray(panels) &&
    panels.every(isPanel)
  );
}

function isPanel(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, kind, grid, queries } = value as Record<string, unknown>;
  const known = ["timeseries", "stat", "lights", "table"].includes(String(kind));
  return typeof id === "number" && known && typeof grid === "object" && Array.isArray(queries);
}
