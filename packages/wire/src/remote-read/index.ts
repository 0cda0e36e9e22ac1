export { ChunkedReadWriter, type ReadChunk, type ReadFrame, readFrames } from "./chunked.ts";
export {
  type ReadQuery,
  type ReadRequest,
  type ReadResponseKind,
  readReadRequest,
  writeReadRequest,
} from "./request.ts";
export {
  readSampledResponse,
  SampledReadWriter,
  type SampledSeries,
  type SampledValue,
} from "./sampled.ts";
