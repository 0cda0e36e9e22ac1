import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";
import { writtenJsonAnswer } from "./json-answer.ts";
import { naming } from "./parameters.ts";

export interface ParsedQueries {
  /** The whole JSON answer with the expression as a tree. */
  tree(text: string, limits: { readonly signal: StopSignal }): Promise<string>;
}

/** `/api/v1/parse_query`: an expression as a tree of plain data. */
export class ParseQueryApi {
  readonly #queries: ParsedQueries;

  constructor(queries: ParsedQueries) {
    this.#queries = queries;
  }

  readonly parseQuery = async (request: HubRequest): Promise<HubResponse> => {
    const form = await request.form();
    const { signal } = request;
    const body = await naming("query", this.#queries.tree(form.get("query") ?? "", { signal }));
    return writtenJsonAnswer(body);
  };
}
