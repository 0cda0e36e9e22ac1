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
  folderInUse: {
    code: "OPS-1705",
    status: 409,
    message: "{folder} is in use by a hub (pid {pid})",
    mend: "stop that hub first, or give another folder; reading commands work beside it",
  },
  hubElsewhere: {
    code: "OPS-1706",
    status: 404,
    message: "the hub at {url} has it in {folder}, which cannot be seen from here",
    mend: "run the command on the hub's machine, as the hub's user, or name a folder with --data-dir",
  },
  documentsDamaged: {
    code: "OPS-1707",
    status: 500,
    message: "{file} (alert state, uploaded rules) is damaged: {reason}",
    mend: "keep a copy of it, and restore it from an older backup",
  },
  unwritableFile: {
    code: "OPS-1708",
    status: 500,
    message: "cannot write {file}: {reason}",
    mend: "check the path, its permissions and the room on the disk",
  },
  refusedBySystem: {
    code: "OPS-1709",
    status: 500,
    message: "the system refused: {reason}",
    mend: "check what the path is (a file, a folder), its permissions and the room on the disk",
  },
  noStore: {
    code: "OPS-1710",
    status: 404,
    message: "there is no ./{folder} here, and no hub answers at {url}",
    mend: "name the data folder with --data-dir FOLDER, or the hub with --url URL or HMS_OPS_URL",
  },
  backupIntoData: {
    code: "OPS-1711",
    status: 409,
    message: "{folder} lies in {dataFolder}: a backup there would be lost with the data",
    mend: "name a folder that is in no data folder, best on another disk",
  },
});
