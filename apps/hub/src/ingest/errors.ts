import { errorTable } from "@hms-ops/model";

/** Why a body is refused whole. */
export const INGEST_ERRORS = errorTable({
  sampleLimit: {
    code: "OPS-1640",
    status: 422,
    message: "{source} sent {found} samples, more than its limit of {limit}; none was stored.",
    mend: "Raise sample_limit of the job, or drop metrics with metric_relabel_configs.",
  },
  labelLimit: {
    code: "OPS-1641",
    status: 422,
    message: "{source} sent {metric}, whose labels exceed a limit of the job: {reason}.",
    mend: "Raise label_limit and its relatives, or drop the label with metric_relabel_configs.",
  },
  cutShort: {
    code: "OPS-1642",
    status: 400,
    message: "The body of {source} ends before its # EOF; none of it was stored.",
    mend: "The sender was interrupted, or does not write OpenMetrics to the end; look at its log.",
  },
});
