import { errorTable } from "@hms-ops/model";

export const panelErrors = errorTable({
  noTimeRange: {
    code: "OPS-1801",
    status: 400,
    message: "the time range from {from} to {to} can't be read",
    mend: "write it like from=now-1h&to=now, with the earlier time first",
  },
});
