import { BLOCK_VERSION, type BlockMeta } from "@hms-ops/stores/tsdb";
import type { HubResponse } from "../ports.ts";
import { prometheusAnswer } from "./json-answer.ts";

/** `/api/v1/status/tsdb/blocks`: the blocks on the disk, oldest first. */
export class BlocksApi {
  readonly #blocks: () => Promise<readonly BlockMeta[]>;

  constructor(blocks: () => Promise<readonly BlockMeta[]>) {
    this.#blocks = blocks;
  }

  readonly statusBlocks = async (): Promise<HubResponse> => {
    const inOrder = (await this.#blocks()).toSorted((a, b) => a.fromMs - b.fromMs);
    return prometheusAnswer({ blocks: inOrder.map(blockView) });
  };
}

/** In Prometheus' words: the end is exclusive, and what came from the head has level 1. */
function blockView(block: BlockMeta) {
  const { name, fromMs, toMs, level, replaces } = block;
  return {
    ulid: name,
    minTime: fromMs,
    maxTime: toMs + 1,
    stats: {
      numSamples: block.sampleCount,
      numFloatSamples: block.sampleCount - block.histogramCount,
      numHistogramSamples: block.histogramCount,
      numSeries: block.seriesCount,
    },
    compaction: { level: level + 1, sources: replaces.length > 0 ? replaces : [name] },
    version: BLOCK_VERSION,
  };
}
