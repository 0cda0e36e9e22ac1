import { errorTable } from "@hms-ops/model";

/** What a person is told about hms-ops.yaml, and the file of the token. */
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
    message: "{problems}",
    mend: "Correct the file; nothing of it was taken.",
  },
  unusableToken: {
    code: "OPS-1656",
    status: 500,
    message: "There is no token in {file}: {reason}.",
    mend: "Check the path behind --token-file and its permissions; the file holds the token, nothing else.",
  },
});
