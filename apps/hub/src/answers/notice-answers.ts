import type { Clock } from "@hms-ops/model";
import type { Refusal } from "@hms-ops/wire/api";
import { NoticesApi } from "../api/notices.ts";
import { forecast } from "../api/store.ts";
import type { UpOptions } from "../config/arguments.ts";
import { retentionBytes } from "../config/retention-size.ts";
import { MAX_DAMAGE_NOTICES } from "../limits.ts";
import type { DataFolder } from "../self/data-folder.ts";
import { Notices } from "../self/notices.ts";
import type { HubThreads } from "../threads/hub-threads.ts";

export interface NoticeParts {
  readonly clock: Clock;
  readonly options: Pick<UpOptions, "retentionMs" | "retentionSize">;
  readonly folder: Pick<DataFolder, "space">;
  readonly threads: Pick<HubThreads, "stats">;
  /** What was read and is not in force. */
  readonly refusals: () => readonly Refusal[];
}

/** What needs somebody's attention, put together. */
export function noticeAnswers({ clock, refusals, ...parts }: NoticeParts) {
  const notices = new Notices(clock, [
    () => refusals().map(({ part }) => REFUSED[part]),
    () => storeTexts({ clock, ...parts }),
  ]);
  return { notices, answers: { ...new NoticesApi(notices) } };
}

const REFUSED: Readonly<Record<Refusal["part"], string>> = {
  configuration: "Configuration reload has failed.",
  rules: "The rule files have an error: the rules from before it keep running.",
};

async function storeTexts({
  clock,
  options: { retentionMs, retentionSize },
  folder,
  threads,
}: Pick<NoticeParts, "clock" | "options" | "folder" | "threads">): Promise<readonly string[]> {
  const [{ damaged = [], details }, space] = await Promise.all([threads.stats(), folder.space()]);
  const texts = damaged
    .slice(0, MAX_DAMAGE_NOTICES)
    .map(({ name }) => `Damage in the metric store was set aside: ${name}.`);
  const disk = forecast(space, details, { nowMs: clock.now(), retentionMs });
  const mostBytes = Math.min(
    disk.expectedBytes ?? 0,
    retentionBytes(retentionSize, space.totalBytes),
  );
  if (mostBytes - disk.usedBytes > space.freeBytes) {
    texts.push("The disk will be full before the oldest samples go.");
  }
  return texts;
}
