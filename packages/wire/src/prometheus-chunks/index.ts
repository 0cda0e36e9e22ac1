export { decodeHistogramChunk, type HistogramSamples } from "./histogram-chunk.ts";
export { encodeHistogramChunk } from "./histogram-chunk-writer.ts";
export {
  type ChunkEncoding,
  type EncodedChunk,
  encodeSeriesChunks,
  FLOAT_HISTOGRAM_ENCODING,
  HISTOGRAM_ENCODING,
  type SampleColumns,
  XOR_ENCODING,
} from "./series-chunks.ts";
export { decodeXorChunk, encodeXorChunk, type FloatSamples } from "./xor-chunk.ts";
