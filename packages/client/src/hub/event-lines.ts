/** One server-sent event. */
export interface StreamEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

/** Reads events from bytes that come in pieces (the HTML standard's `text/event-stream`). */
export class EventLines {
  readonly #decoder = new TextDecoder();
  readonly #pieces: string[] = [];
  #id = "";
  #name = "";
  #data: string[] = [];

  /** The events that end in this piece. */
  take(bytes: Uint8Array): readonly StreamEvent[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    const events: StreamEvent[] = [];
    for (const [i, piece] of lines.entries()) {
      this.#pieces.push(piece);
      if (i === lines.length - 1) break;
      const line = this.#pieces.join("").replace(/\r$/, "");
      this.#pieces.length = 0;
      const event = this.#line(line);
      if (event) events.push(event);
    }
    return events;
  }

  #line(line: string): StreamEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") this.#id = value;
    else if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    return undefined;
  }

  #dispatch(): StreamEvent | undefined {
    const event = { id: this.#id, name: this.#name, data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#name = "";
    this.#data = [];
    return isEmpty ? undefined : event;
  }
}
