import { describe, expect, it } from "vitest";
import { Guard } from "./guard.ts";

const OPEN = { token: "", beyondLoopback: false, ownNames: ["my-laptop"] };

function refusal(guard: Guard, headers: Record<string, string>, method = "GET") {
  return guard.check({ method, path: "/api/v1/query", headers }, "read")?.status;
}

describe("Guard on loopback", () => {
  const guard = new Guard(OPEN);

  it("answers to names of this machine with any port", () => {
    for (const host of [
      "localhost:9090",
      "127.0.0.1:3000",
      "[::1]:1",
      "ops.local",
      "MY-laptop:9",
    ]) {
      expect(refusal(guard, { host }), host).toBeUndefined();
    }
    expect(refusal(guard, {})).toBeUndefined();
  });

  it("refuses every other name: it may be DNS rebinding", () => {
    for (const host of ["evil.example", "localhost.evil.example", "10.0.0.1:9090", "127.0.0.2"]) {
      expect(refusal(guard, { host }), host).toBe(403);
    }
  });

  it("refuses pages of other origins", () => {
    const host = "localhost:9090";
    expect(refusal(guard, { host, origin: "http://localhost:9090" }, "POST")).toBeUndefined();
    expect(refusal(guard, { host, origin: "http://localhost:3001" }, "POST")).toBe(403);
    expect(refusal(guard, { host, origin: "null" }, "POST")).toBe(403);
    expect(refusal(guard, { host, origin: "https://evil.example" })).toBe(403);
    expect(refusal(guard, { host, "sec-fetch-site": "same-site" })).toBe(403);
    expect(refusal(guard, { host, "sec-fetch-site": "same-origin" }, "POST")).toBeUndefined();
  });

  it("lets a link of another page open ours, but not embed or post to it", () => {
    const headers = {
      host: "localhost:9090",
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    };
    expect(refusal(guard, headers)).toBeUndefined();
    expect(refusal(guard, headers, "POST")).toBe(403);
    expect(refusal(guard, { ...headers, "sec-fetch-dest": "iframe" })).toBe(403);
  });
});

describe("Guard with a token", () => {
  const guard = new Guard({ token: "s3cret", beyondLoopback: true, ownNames: [] });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  it("wants it from everybody", () => {
    expect(refusal(guard, { host: "localhost" })).toBe(401);
    for (const authorization of ["Bearer wrong", "Bearer ", "s3cret", basic("u:wrong")]) {
      expect(refusal(guard, { host: "localhost", authorization }), authorization).toBe(401);
    }
  });

  it("tells a wrong token from none", () => {
    const check = (authorization?: string) => {
      const headers = { host: "localhost", ...(authorization && { authorization }) };
      return guard.check({ method: "GET", path: "/api/v1/query", headers }, "read")?.message;
    };
    expect(check()).toBe("GET /api/v1/query needs this hub's token.");
    expect(check("Bearer wrong")).toBe(
      "GET /api/v1/query needs this hub's token: the token that was sent is not the hub's.",
    );
  });

  it("takes it as bearer token or as a password, under any host name", () => {
    for (const authorization of ["Bearer s3cret", "bearer s3cret", basic("any:s3cret")]) {
      expect(refusal(guard, { host: "hub.agency.gov", authorization })).toBeUndefined();
    }
  });

  it("leaves health to everybody", () => {
    const request = { method: "GET", path: "/-/healthy", headers: { host: "10.0.0.9" } };
    expect(guard.check(request, "public")).toBeUndefined();
  });
});
