import { compareText } from "@hms-ops/model";
import type { IndexReader } from "./index-reader.ts";

/**
 * The first `count` series in the order of `compareLabels`. Pairs are sorted by their texts once,
 * series then by the numbers of their pairs: no label set is made.
 */
export function seriesInOrder(index: IndexReader, count: number): Uint32Array {
  const ranks = pairRanks(index, count);
  const ids = new Uint32Array(count);
  for (let series = 0; series < count; series++) ids[series] = series;
  const { starts, references } = seriesReferences(index, count, ranks);
  return ids.sort((a, b) => {
    const endA = starts[a + 1]!;
    const endB = starts[b + 1]!;
    let atB = starts[b]!;
    for (let atA = starts[a]!; atA < endA; atA++, atB++) {
      if (atB === endB) return 1;
      const order = references[atA]! - references[atB]!;
      if (order !== 0) return order;
    }
    return atB === endB ? 0 : -1;
  });
}

/** Of each pair that the series use, its place in the order of names and values. */
function pairRanks(index: IndexReader, seriesCount: number): Uint32Array {
  const used: number[] = [];
  const seen = new Uint8Array(index.pairCount);
  for (let series = 0; series < seriesCount; series++) {
    for (let i = index.startOf(series); i < index.startOf(series + 1); i++) {
      const pair = index.pairAt(i);
      if (seen[pair] === 1) continue;
      seen[pair] = 1;
      used.push(pair);
    }
  }
  const byName = new Map<string, { pair: number; value: string }[]>();
  for (const pair of used) {
    const [name, value] = index.pairText(pair);
    const known = byName.get(name);
    if (known) known.push({ pair, value });
    else byName.set(name, [{ pair, value }]);
  }
  const ranks = new Uint32Array(index.pairCount);
  let rank = 0;
  for (const name of [...byName.keys()].sort(compareText)) {
    const pairs = byName.get(name)!.sort((a, b) => compareText(a.value, b.value));
    for (const { pair } of pairs) ranks[pair] = rank++;
  }
  return ranks;
}

function seriesReferences(index: IndexReader, count: number, ranks: Uint32Array) {
  const starts = new Uint32Array(count + 1);
  for (let series = 0; series <= count; series++) starts[series] = index.startOf(series);
  const references = new Uint32Array(starts[count]!);
  for (let i = 0; i < references.length; i++) references[i] = ranks[index.pairAt(i)]!;
  return { starts, references };
}
