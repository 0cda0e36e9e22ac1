import { errorTable } from "@hms-ops/model";

export const STORE_ERRORS = errorTable({
  badPattern: {
    code: "OPS-1301",
    status: 400,
    message: "the regular expression {pattern} of label {label} cannot be read: {problem}",
    mend: "Write it in RE2 syntax; it must match the whole value.",
  },
  closed: {
    code: "OPS-1302",
    status: 503,
    message: "the metric store is closed",
    mend: "The hub is stopping; send again when it is up.",
  },
  unwritable: {
    code: "OPS-1303",
    status: 503,
    message: "the metric store cannot write to {folder}: {problem}",
    mend: "Make room on the disk or mend its rights; the store tries again with the next batch.",
  },
  overloaded: {
    code: "OPS-1304",
    status: 503,
    message: "{rows} samples wait for the disk, more than the metric store takes at a time",
    mend: "Send again later; if it lasts, the disk is too slow for what is sent.",
  },
  newerFormat: {
    code: "OPS-1305",
    status: 500,
    message: "{file} has format version {version}, this HMS-OPS reads up to {known}",
    mend: "Start the HMS-OPS that wrote it, or a newer one.",
  },
  snapshotEnded: {
    code: "OPS-1306",
    status: 503,
    message: "the query held its snapshot for longer than {seconds} s and was ended",
    mend: "Ask for a shorter range or fewer series.",
  },
  tooManySnapshots: {
    code: "OPS-1307",
    status: 503,
    message: "{count} queries hold snapshots, more than the metric store allows",
    mend: "Ask again when some have ended.",
  },
  blockDamaged: {
    code: "OPS-1320",
    status: 500,
    message: "{file} is damaged at byte {offset}: {problem}",
    mend: "Its block is set aside; run 'hms-ops tsdb repair' to save what can be read.",
  },
  notAStore: {
    code: "OPS-1330",
    status: 404,
    message: "{folder} holds no metric store: {reason}",
    mend: "Name the hub's data folder (--data-dir hms-ops-data), its tsdb folder, or a backup of one.",
  },
  prometheusUnreadable: {
    code: "OPS-1331",
    status: 400,
    message: "{file} cannot be read at byte {offset}: {problem}",
    mend: "Look at the block with 'promtool tsdb analyze', or copy it anew from its server.",
  },
  backupDamaged: {
    code: "OPS-1332",
    status: 500,
    message: "the backup {folder} is not what was written: {problem}",
    mend: "Restore an older one of the same folder, and look at the disk's health.",
  },
  targetNotEmpty: {
    code: "OPS-1333",
    status: 409,
    message: "{folder} is not empty: it is not written over",
    mend: "Name a folder that is empty or not there yet.",
  },
  notImportable: {
    code: "OPS-1334",
    status: 400,
    message: "{path} is nothing that can be imported: {reason}",
    mend: "Name a Prometheus data folder, one of its blocks, or a text or JSON lines file.",
  },
});

/** What a failure of any kind says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
