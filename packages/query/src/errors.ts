import { errorTable } from "@hms-ops/model";

/** What a query can fail of; `execution` errors answer 422 over HTTP. */
export const QUERY_ERRORS = errorTable({
  parse: {
    code: "OPS-1201",
    status: 400,
    message: "{position}: parse error: {reason}",
    mend: "mend the expression at that position",
  },
  execution: {
    code: "OPS-1202",
    status: 422,
    message: "{reason}",
    mend: "change the expression so that labels stay unique",
  },
  sameLabels: {
    code: "OPS-1204",
    status: 422,
    message: "vector cannot contain metrics with the same labelset",
    mend: "two series became {labels}: aggregate them, or keep a label that tells them apart",
  },
  manyMatches: {
    code: "OPS-1205",
    status: 422,
    message: "{reason}",
    mend: "name more labels in on (…), aggregate one side, or write group_left or group_right after on (…)",
  },
  notOverTime: {
    code: "OPS-1207",
    status: 400,
    message: 'invalid expression type "{type}" for range query, must be Scalar or instant Vector',
    mend: "{mend}",
  },
  longLabel: {
    code: "OPS-1206",
    status: 422,
    message: "{call}() makes a label value of more than {limit} characters",
    mend: "use a shorter template, or match a part of the label instead of all of it",
  },
  tooLarge: {
    code: "OPS-1203",
    status: 422,
    message:
      "the expression needs {cells} values at once, and a query may hold {limit}, which take 512 MiB",
    mend: "select fewer series, a shorter range or a longer step",
  },
});
