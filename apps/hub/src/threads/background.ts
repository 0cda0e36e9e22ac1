import { bug } from "@hms-ops/model";
import { openMaintainer, runDueJobs, type TsdbMaintainer } from "@hms-ops/stores/tsdb";
import type { BackgroundCalls, JobCalls } from "./calls.ts";
import { returnMemory } from "./garbage.ts";
import { Caller } from "./rpc.ts";
import { answerParent } from "./thread-entry.ts";

/** The thread that flushes and compacts the metric store. */
interface Room {
  readonly writer: Caller<JobCalls>;
  readonly maintainer: TsdbMaintainer;
}

let room: Room | undefined;

const calls: BackgroundCalls = {
  join: async (link, folder) => {
    const writer = new Caller<JobCalls>(link);
    const handles = await writer.call("handles", []);
    room = { writer, maintainer: openMaintainer(handles, folder) };
  },
  work: async () => {
    const { writer, maintainer } = room ?? bug("the background thread works before it joined");
    await runDueJobs(
      {
        nextJob: (known) => writer.call("nextJob", [known]),
        finishJob: async (result) => {
          await writer.call("finishJob", [result]);
          returnMemory();
        },
        failJob: (problem) => writer.call("failJob", [problem]),
        setAside: (blockName, problem) => writer.call("setAside", [blockName, problem]),
      },
      maintainer,
    );
  },
};

answerParent(calls);
