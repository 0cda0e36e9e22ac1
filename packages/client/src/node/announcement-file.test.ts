import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const SERVICE = `
  const { expose } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
  const server = expose("/score", () => ({}), { port: 0 });
  await server.address();
  await server.stop();
  console.log("served");
`;

it.runIf(process.platform === "linux")(
  "a service starts where its announcement's folder cannot be made",
  () => {
    // A process of its own: one that tries for ever can only be killed.
    const { stdout, signal } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", SERVICE],
      {
        env: { ...process.env, HMS_OPS_RUNTIME_DIR: "/proc/hms-ops/runtime" },
        encoding: "utf8",
        timeout: 20_000,
        killSignal: "SIGKILL",
      },
    );
    expect([stdout, signal]).toEqual(["served\n", null]);
  },
);
