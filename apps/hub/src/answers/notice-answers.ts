import type { RuleProblem } from "@hms-ops/control";
import type { Clock } from "@hms-ops/model";
import { NoticesApi } from "../api/notices.ts";
import { forecast } from "../api/store.ts";
import { MAX_DAMAGE_NOTICES } from "../limits.ts";
import type { Route } from "../ports.ts";
import type { DataFolder } from "../self/data-folder.ts";
import { Notices } from "../self/notices.ts";
import type { HubThreads } from "../threads/hub-threads.ts";

export interface NoticeParts {
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly folder: Pick<DataFolder, "space">;
  readonly threads: Pick<HubThreads, "stats">;
  readonly rules: {
    /** Name of the folder that holds the files. */
    readonly folder: string;
    /** What the latest reading of them had to say. */
    readonly problems: () => readonly RuleProblem[];
  };
  /** `/-/reload`, which is watched from here on. */
  readonly reload: Route["handle"];
}

/** What needs somebody's attention, put together. */
export function noticeAnswers({ clock, reload, ...parts }: NoticeParts) {
  let reloadFailed = false;
  const notices = new Notices(clock, [
    () => (reloadFailed ? ["Configuration reload has failed."] : []),
    () => ruleTexts(parts.rules),
    () => storeTexts({ clock, ...parts }),
  ]);
  const watched: Route["handle"] = async (request) => {
    try {
      const answer = await reload(request);
      reloadFailed = false;
      return answer;
    } catch (error) {
      reloadFailed = true;
      throw error;
    } finally {
      void notices.look();
    }
  };
  return { notices, answers: { ...new NoticesApi(notices), reload: watched } };
}

/** An upload that was refused is none: its sender knows, and what ran before runs. */
function ruleTexts({ folder, problems }: NoticeParts["rules"]): readonly string[] {
  const files = problems()
    .filter(({ severity, file }) => severity === "error" && file.startsWith(`${folder}/`))
    .map(({ file }) => file);
  return [...new Set(files)].map(
    (file) => `The rule file ${file} has an error: the rules from before it keep running.`,
  );
}

async function storeTexts({
  clock,
  retentionMs,
  folder,
  threads,
}: Pick<NoticeParts, "clock" | "retentionMs" | "folder" | "threads">): Promise<readonly string[]> {
  const [{ damaged = [], details }, space] = await Promise.all([threads.stats(), folder.space()]);
  const texts = damaged
    .slice(0, MAX_DAMAGE_NOTICES)
    .map(({ name }) => `Damage in the metric store was set aside: ${name}.`);
  const { fullAtMs } = forecast(space, details, { nowMs: clock.now(), retentionMs });
  if (fullAtMs !== null) texts.push("The disk will be full before the retention time is over.");
  return texts;
}
