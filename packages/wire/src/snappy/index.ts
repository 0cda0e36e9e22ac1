export { compressSnappy } from "./compress.ts";
export { SnappyRoom, uncompressSnappy } from "./uncompress.ts";
