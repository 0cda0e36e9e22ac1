import type { TimeRange } from "@hms-ops/model";
import type { Disk } from "../../../../disk/index.ts";
import { Cursor, FileWindow } from "./file-window.ts";

const MAGIC = 0x0130_ba30;
const VERSION = 1;
const HEADER_BYTES = 5;

/**
 * What was deleted of a Prometheus block, by series' reference; both ends are within. Damage throws
 * OPS-1331. Source: Prometheus' tsdb/docs/format/tombstones.md.
 */
export function readPrometheusTombstones(
  disk: Disk,
  name: string,
): ReadonlyMap<number, readonly TimeRange[]> {
  const file = new FileWindow(disk, name);
  const deleted = new Map<number, TimeRange[]>();
  try {
    if (file.u32(0) !== MAGIC) file.fail(0, "it is no file of tombstones");
    const version = file.bytes(4, 1)[0]!;
    if (version !== VERSION) file.fail(4, `tombstones of version ${version} are not read`);
    const body = file.checked(HEADER_BYTES, file.sizeBytes - HEADER_BYTES - 4);
    const cursor = new Cursor(body, (problem) => file.fail(HEADER_BYTES, problem));
    while (!cursor.isAtEnd) {
      const reference = cursor.uvarint();
      const range = { fromMs: cursor.varint(), toMs: cursor.varint() };
      const known = deleted.get(reference);
      if (known) known.push(range);
      else deleted.set(reference, [range]);
    }
  } finally {
    file.close();
  }
  return deleted;
}
