export { COMPANIONS } from "./companion-layout.ts";
export { Companion } from "./companion-reader.ts";
export { BucketRows, sumUp } from "./companion-rows.ts";
export { writeCompanions } from "./companion-writer.ts";
