export { compressSnappy } from "./compress.ts";
export { uncompressSnappy } from "./uncompress.ts";
