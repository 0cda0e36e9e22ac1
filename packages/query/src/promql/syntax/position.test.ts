import { describe, expect, it } from "vitest";
import { linePosition } from "./position.ts";

describe("a position", () => {
  it("counts lines from 1 and columns in UTF-8 bytes from 1", () => {
    expect(linePosition("abc", 0)).toBe("1:1");
    expect(linePosition("a\nbc", 3)).toBe("2:2");
    expect(linePosition('{"é"} x', 6)).toBe("1:8");
    expect(linePosition("", 0)).toBe("unknown position");
  });
});
