import { basename } from "node:path";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { makeSnapshot } from "./data-folder.ts";
import { placeOfHub } from "./find-store.ts";

export const snapshot: Command = {
  usage: "",
  examples: ["hms-ops tsdb snapshot", 'hms-ops tsdb verify "$(hms-ops tsdb snapshot)"'],
  flags: {
    "what it is": "a folder below tsdb/snapshots/ with all that was acknowledged, instantly:",
    "": "second names of the hub's own files. It stays until you remove it.",
  },
  options: {},
  words: [0, 0],
  run: async (call) => {
    const { terminal, values, hub } = call;
    const folder = await makeSnapshot(call, await placeOfHub(hub()));
    const answer = { name: basename(folder), folder };
    terminal.data(values.output === "json" ? formatJson(answer) : `${folder}\n`);
    return EXIT.ok;
  },
};
