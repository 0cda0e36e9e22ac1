import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type HubClient, HubError } from "@hms-ops/client";
import { OpsError } from "@hms-ops/model";
import type { Call } from "../../command.ts";
import { CLI_ERRORS } from "../../errors.ts";
import { type DataPlace, DEFAULT_FOLDER, findPlace, runningHub } from "./data-folder.ts";

/** Of a command's help, behind what its FOLDER is. */
export const ELSE_FOUND = `else that of $HMS_OPS_URL's hub, else ./${DEFAULT_FOLDER}`;

/**
 * The store that a command reads: in the folder that was named; else of the hub that was named, by
 * --url or the environment; else in the usual folder; else of the usual hub. Throws OPS-1706 for a
 * hub whose folder cannot be seen from here, OPS-1710 where there is none of all these.
 */
export async function findStore(call: Call, named: string | undefined): Promise<DataPlace> {
  if (named !== undefined) return await findPlace(named);
  const { HMS_OPS_URL, OPS_HUB } = call.environment;
  const isUrlGiven = call.values.url !== undefined;
  const isHubNamed = isUrlGiven || HMS_OPS_URL !== undefined || OPS_HUB !== undefined;
  const isHere = existsSync(resolve(DEFAULT_FOLDER));
  if (isHere && !isHubNamed) return await findPlace(DEFAULT_FOLDER);
  const hub = call.hub();
  try {
    const place = await placeOfHub(hub);
    call.terminal.say(`The store of the hub at ${hub.url}: ${place.dataFolder}\n`);
    return place;
  } catch (error) {
    if (isUrlGiven || !isAway(error)) throw error;
    if (!isHere) throw new OpsError(CLI_ERRORS.noStore, { folder: DEFAULT_FOLDER, url: hub.url });
    call.terminal.say(`No hub answers at ${hub.url}: the store in ./${DEFAULT_FOLDER} is read.\n`);
    return await findPlace(DEFAULT_FOLDER);
  }
}

/** Where a running hub keeps its data. Throws OPS-1706 if that cannot be seen from here. */
export async function placeOfHub(hub: HubClient): Promise<DataPlace> {
  const { dataDir, pid } = (await hub.status()).hub;
  // Another machine's hub may use a path that is here, too: only its own word in it tells.
  if (runningHub(dataDir)?.pid === pid) return await findPlace(dataDir);
  throw new OpsError(CLI_ERRORS.hubElsewhere, { url: hub.url, folder: dataDir });
}

function isAway(error: unknown): boolean {
  return error instanceof HubError && error.kind !== "not-allowed" && error.kind !== "refused";
}
