import type { HubRequest, HubResponse } from "../ports.ts";
import { type Notices, noticeView } from "../self/notices.ts";
import { prometheusAnswer } from "./json-answer.ts";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Proxies of the nginx kind would keep events until they have a page of them.
  "x-accel-buffering": "no",
};

/** `/api/v1/notifications` and `/api/v1/notifications/live`. */
export class NoticesApi {
  readonly #notices: Notices;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  readonly notices = async (): Promise<HubResponse> => {
    const held = await this.#notices.list();
    return prometheusAnswer(held.map((notice) => noticeView(notice, true)));
  };

  readonly liveNotices = ({ signal }: HubRequest): HubResponse => {
    if (!this.#notices.hasRoom) return { status: 204 };
    return {
      status: 200,
      headers: HEADERS,
      body: (sink) => this.#notices.serve(sink, signal),
    };
  };
}
