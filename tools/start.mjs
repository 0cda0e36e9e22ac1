// `npm start -- [flags of hms-ops up]`: set up what is missing, then run the hub.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT, setup } from "./setup.mjs";

setup();
const hub = spawn(join(ROOT, "apps/cli/bin/hms-ops"), ["up", ...process.argv.slice(2)], {
  stdio: "inherit",
});
// A terminal sends Ctrl-C to the hub as well; what reaches only us is passed on.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => hub.kill("SIGTERM"));
hub.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
