import { expect, it } from "vitest";
import { asTyped, ownCommand } from "./index.ts";

it("a text's commands are written as they were called", () => {
  const npx = ownCommand({ HMS_OPS_COMMAND: "npx hms-ops" });
  expect(asTyped("then try: hms-ops demo fault x", npx)).toBe("then try: npx hms-ops demo fault x");
  expect(asTyped('A=1 hms-ops up && "$(hms-ops alerts)"', npx)).toBe(
    'A=1 npx hms-ops up && "$(npx hms-ops alerts)"',
  );
  expect(asTyped(asTyped("hms-ops up", npx), npx)).toBe("npx hms-ops up");
  const path = "'/opt/$1 x/bin/hms-ops'";
  expect(asTyped(asTyped("hms-ops up", path), path)).toBe(`${path} up`);
});

it("what is no command stays", () => {
  for (const text of ["hms-ops: it failed", "hms-ops.yaml", "./hms-ops up", "/data/hms-ops up"]) {
    expect(asTyped(text, "npx hms-ops")).toBe(text);
  }
  expect(ownCommand({})).toBe("hms-ops");
});
