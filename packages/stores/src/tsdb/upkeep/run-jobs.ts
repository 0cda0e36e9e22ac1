import { messageOf } from "../../errors.ts";
import type {
  DueJob,
  MaintenanceResult,
  SlabCounts,
  TsdbMaintainer,
  TsdbWriter,
} from "../ports.ts";
import { DamagedBlock } from "./maintainer.ts";

/** The writer as a maintainer sees it, here or across threads. */
export interface JobLink {
  nextJob(known: SlabCounts): DueJob | undefined | Promise<DueJob | undefined>;
  finishJob(result: MaintenanceResult): Promise<void>;
  failJob(problem: string): void | Promise<void>;
  setAside: TsdbWriter["setAside"];
}

/**
 * Does what is due, one job after the other. A job that fails is the writer's to count and to give
 * out again later.
 */
export async function runDueJobs(link: JobLink, maintainer: TsdbMaintainer): Promise<void> {
  for (;;) {
    const due = await link.nextJob(maintainer.known);
    if (!due) return;
    try {
      await link.finishJob(await maintainer.run(due));
    } catch (error) {
      if (error instanceof DamagedBlock) await link.setAside(error.blockName, error.message);
      await link.failJob(messageOf(error));
    }
  }
}
