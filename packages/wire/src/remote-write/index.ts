export { type RemoteWriteOptions, type RemoteWriteReport, readRemoteWrite } from "./decode.ts";
export { type RemoteWriteSeries, writeRemoteWrite } from "./encode.ts";
