export { unpackBody } from "./body.ts";
export { ExpositionIngest } from "./exposition.ts";
export { MetadataTable } from "./metadata-table.ts";
export { NamedSampleIngest } from "./named-samples.ts";
export { RemoteWriteIngest } from "./remote-write.ts";
