export type { HistogramAt, SampleColumns } from "../prompb/messages.ts";
export { readRemoteWrite } from "./decode.ts";
export { readRemoteWriteV2 } from "./decode-v2.ts";
export {
  type RemoteWriteExemplar,
  type RemoteWriteSeries,
  writeRemoteWrite,
  writeRemoteWriteV2,
} from "./encode.ts";
export type {
  ProblemReason,
  RemoteWriteOptions,
  RemoteWriteProblem,
  RemoteWriteReport,
} from "./report.ts";
