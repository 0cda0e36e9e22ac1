const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 2 ** 10,
  MB: 2 ** 20,
  GB: 2 ** 30,
  TB: 2 ** 40,
};

/** How much of the disk the blocks may take: so many bytes, or a share of the whole disk. */
export type RetentionSize = { readonly bytes: number } | { readonly share: number };

/** `50GB`, `500MB` (powers of 1,024, as Prometheus has it), `80%`; undefined = it is no size. */
export function parseRetentionSize(text: string): RetentionSize | undefined {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)(%|[KMGT]?B)$/.exec(text) ?? [];
  const number = Number(digits);
  if (!(number > 0)) return undefined;
  if (unit !== "%") return { bytes: number * (UNITS[unit] ?? 1) };
  return number <= 100 ? { share: number / 100 } : undefined;
}

export function retentionBytes(size: RetentionSize, diskBytes: number): number {
  return "bytes" in size ? size.bytes : size.share * diskBytes;
}
