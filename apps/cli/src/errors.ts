import { errorTable } from "@hms-ops/model";

export const CLI_ERRORS = errorTable({
  unknownCommand: {
    code: "OPS-1701",
    status: 400,
    message: "there is no command {command}",
    mend: "{guess}",
  },
  usage: { code: "OPS-1702", status: 400, message: "{reason}", mend: "hms-ops {command} --help" },
  unreadableFile: {
    code: "OPS-1703",
    status: 400,
    message: "cannot read {file}: {reason}",
    mend: "check the path and its permissions",
  },
  scrapeFailed: {
    code: "OPS-1704",
    status: 502,
    message: "cannot scrape {url}: {reason}",
    mend: "check that the service runs and answers on that address",
  },
});
