export { runScript } from "./run-script.ts";
export { type Command, readScript } from "./script.ts";
