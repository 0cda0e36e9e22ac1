import { errorTable } from "@hms-ops/model";

/** What a person is told about hms-ops.yaml. */
export const CONFIG_ERRORS = errorTable({
  unreadable: {
    code: "OPS-1645",
    status: 500,
    message: "The configuration {file} cannot be read: {reason}.",
    mend: "Check the path behind --config and its permissions.",
  },
  invalid: {
    code: "OPS-1646",
    status: 500,
    message: "{file}:{line}:{column}: {reason}{more}",
    mend: "Correct the file; the running hub keeps its last good configuration.",
  },
});
