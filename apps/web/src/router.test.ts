import { describe, expect, it } from "vitest";
import { carryTime, changeSearch, ourAddress, readRoute } from "./router.ts";

describe("addresses", () => {
  it("open their pages", () => {
    expect(readRoute("/", "")).toEqual({ page: "home" });
    expect(readRoute("/explore", "")).toEqual({ page: "explore" });
    expect(readRoute("/boards/", "")).toEqual({ page: "boards" });
    expect(readRoute("/boards/hms-ach", "")).toEqual({ page: "board", uid: "hms-ach" });
    expect(readRoute("/alerts", "")).toEqual({ page: "alerts" });
    expect(readRoute("/logs", "")).toEqual({ page: "missing" });
    expect(readRoute("/explore/more", "")).toEqual({ page: "missing" });
  });

  it("that other tools' users know open the same", () => {
    expect(readRoute("/graph", "")).toEqual({ page: "explore" });
    expect(readRoute("/targets", "")).toEqual({ page: "home" });
    expect(readRoute("/rules", "")).toEqual({ page: "alerts" });
    expect(readRoute("/", "#/alerts")).toEqual({ page: "alerts" });
    expect(readRoute("/", "#/silences?x=1")).toEqual({ page: "alerts" });
  });
});

describe("addresses of other tools", () => {
  const ours = (path: string) => ourAddress(new URL(path, "http://hub/"));

  it("become ours", () => {
    expect(ours("/graph?g0.expr=up&g0.tab=table")).toBe("/explore?q=up&view=table");
    expect(ours("/graph?g0.expr=up&g0.tab=graph")).toBe("/explore?q=up");
    expect(ours("/graph?g0.expr=up&g0.tab=1&g0.range_input=6h&g1.expr=a%2Bb")).toBe(
      "/explore?q=up&q=a%2Bb&view=table&from=now-6h&to=now",
    );
    expect(ours("/graph")).toBe("/explore");
    expect(ours("/#/alerts?receiver=x")).toBe("/alerts");
    expect(ours("/targets?search=x")).toBe("/");
    expect(ours("/status")).toBe("/");
    expect(ours("/rules")).toBe("/alerts");
    expect(ours("/tsdb-status")).toBe("/cardinality");
  });

  it("that are ours already stay", () => {
    expect(ours("/explore?q=up")).toBeUndefined();
    expect(ours("/alerts")).toBeUndefined();
    expect(ours("/")).toBeUndefined();
  });
});

describe("the time range", () => {
  const at = (path: string) => new URL(path, "http://hub/");

  it("goes along to the next page", () => {
    const next = carryTime(at("/alerts?alert=A"), "?from=now-6h&to=now&q=up");
    expect(next).toBe("/alerts?alert=A&from=now-6h&to=now");
  });

  it("of the link wins", () => {
    expect(carryTime(at("/explore?from=now-5m"), "?from=now-6h&to=now")).toBe(
      "/explore?from=now-5m",
    );
  });
});

describe("changing the search", () => {
  it("keeps what it does not know", () => {
    expect(changeSearch("?a=1&b=2", { b: undefined, c: ["x", "y"] })).toBe("?a=1&c=x&c=y");
    expect(changeSearch("?a=1", { a: undefined })).toBe("");
  });
});
