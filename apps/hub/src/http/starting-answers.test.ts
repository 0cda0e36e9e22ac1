import { describe, expect, it } from "vitest";
import type { HubRequest, HubResponse } from "../ports.ts";
import type { Answers } from "./routes.ts";
import { StartingAnswers } from "./starting-answers.ts";

const REQUEST = {} as HubRequest;

const NAMED: Partial<Answers> = {
  healthy: () => ({ status: 200, body: "healthy" }),
  query: () => ({ status: 200, body: "query" }),
};
const ANSWERS = NAMED as Answers;

/** What has come of it by now. */
async function now(answer: Promise<HubResponse> | HubResponse): Promise<unknown> {
  const later = new Promise((resolve) => setImmediate(() => resolve("waits")));
  return await Promise.race([Promise.resolve(answer).then(({ body }) => body), later]);
}

describe("answers of a hub that starts", () => {
  it("wait for the store where they read it, and only there", async () => {
    const starting = new StartingAnswers();
    const health = starting.handlerOf("healthy", "public")(REQUEST);
    const query = starting.handlerOf("query", "read")(REQUEST);
    expect([await now(health), await now(query)]).toEqual(["waits", "waits"]);
    starting.assemble(ANSWERS);
    expect([await now(health), await now(query)]).toEqual(["healthy", "waits"]);
    await starting.open();
    expect([await now(health), await now(query)]).toEqual(["healthy", "query"]);
  });

  it("are given at once when it has started", async () => {
    const starting = new StartingAnswers();
    starting.assemble(ANSWERS);
    await starting.open();
    expect(starting.handlerOf("query", "read")(REQUEST)).toEqual({ status: 200, body: "query" });
  });

  it("tell whoever waits that the start failed", async () => {
    const starting = new StartingAnswers();
    const query = starting.handlerOf("query", "read")(REQUEST);
    starting.fail(new Error("the folder is taken"));
    await expect(query).rejects.toThrow("the folder is taken");
  });
});
