import { bare } from "./bare.ts";
import type { Dialect } from "./dialect.ts";
import { metricWhen } from "./metric-when.ts";
import { prometheus } from "./prometheus.ts";

/** The forms in which rule files are written; the first one that knows the file's keys reads it. */
export const DIALECTS: readonly Dialect[] = [prometheus, bare, metricWhen];
