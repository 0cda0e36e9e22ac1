// `npm start -- [flags of hms-ops up]`: set up what is missing, then run the hub. npm runs scripts
// in a shell and sends signals to that alone: the script begins with `exec`, so that it is us.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT, setup } from "./setup.mjs";

setup();
const hub = spawn(join(ROOT, "apps/cli/bin/hms-ops"), ["up", ...process.argv.slice(2)], {
  stdio: "inherit",
});
// A terminal sends Ctrl-C to the hub as well, which knows the one that we pass on for an echo.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => hub.kill(signal));
hub.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
