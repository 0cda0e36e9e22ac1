import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SendReport, SendTask } from "./send-stream.process.ts";

const PROGRAM = fileURLToPath(new URL("send-stream.process.ts", import.meta.url));

/** Sends in a process of its own, so that the sender's work is not the server's. */
export async function sendStream(task: SendTask): Promise<SendReport> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the sender ended with ${code}`);
  return JSON.parse(output) as SendReport;
}
