import { OpsError } from "@hms-ops/model";
import { STORE_ERRORS } from "../../errors.ts";
import { PLACE_WORDS, STATE_WORDS } from "../head/head-state.ts";
import { BoardPins } from "../pin-board.ts";
import type { HeadWords, PinLink, PinReply, PinRequest, PinTicket, TsdbHandles } from "../ports.ts";
import { PinFlags, wordsToShare } from "../shared.ts";

/** What a reader holds, until it releases it. */
export interface HeldPin extends Pick<PinReply, "places" | "frozenPlaces"> {
  readonly ticket: PinTicket;
  readonly release: () => void;
}

/** The pins of one reader: its own where the writer is at rest, else the writer's. */
export class ReaderPins {
  readonly #link: PinLink;
  readonly #flags: PinFlags;
  readonly #board: BoardPins;
  readonly #lifeMs: number;
  #head: HeadWords | undefined;

  constructor({ flags, board, boardPart, pinLifeMs }: TsdbHandles, link: PinLink) {
    this.#link = link;
    this.#flags = new PinFlags(flags);
    this.#board = new BoardPins(board, boardPart);
    this.#lifeMs = pinLifeMs;
  }

  /** Asks nobody. Undefined where the writer is at work, or has news. */
  take(ids: Uint32Array): HeldPin | undefined {
    const head = this.#head;
    if (!head) return undefined;
    const places = wordsToShare(ids.length * PLACE_WORDS);
    const pin = this.#board.take(head.version, () =>
      copyPlaces(ids, head.words, STATE_WORDS, places),
    );
    if (!pin) return undefined;
    const release = () => this.#board.release(pin);
    return { places, ticket: { kind: "slot", ...pin }, release };
  }

  /** After all else that a reply told was learnt; without a head the writer must be asked. */
  learn(head: HeadWords | undefined): void {
    this.#head = head;
  }

  async ask(request: PinRequest): Promise<{ readonly held: HeldPin; readonly reply: PinReply }> {
    const reply = await this.#link.pin(request);
    const { places, frozenPlaces, slot } = reply;
    const release = () => this.#link.unpin(reply.pinId);
    const held = { places, ticket: { kind: "flag", slot } as const, release };
    return { held: frozenPlaces ? { ...held, frozenPlaces } : held, reply };
  }

  /** Throws once a pin, of this or of another reader, no longer holds. */
  check(ticket: PinTicket): void {
    const isHeld =
      ticket.kind === "slot" ? this.#board.isHeld(ticket) : !this.#flags.isRevoked(ticket.slot);
    if (!isHeld) throw new OpsError(STORE_ERRORS.snapshotEnded, { seconds: this.#lifeMs / 1_000 });
  }
}

/** Of some series, out of those of all. */
export function placesOf(ids: Uint32Array, all: Uint32Array): Uint32Array {
  const places = wordsToShare(ids.length * PLACE_WORDS);
  copyPlaces(ids, all, PLACE_WORDS, places);
  return places;
}

/** From words that stand `stepWords` apart. */
function copyPlaces(
  ids: Uint32Array,
  words: Uint32Array,
  stepWords: number,
  places: Uint32Array,
): void {
  let to = 0;
  for (let k = 0; k < ids.length; k++) {
    let from = ids[k]! * stepWords;
    for (let i = 0; i < PLACE_WORDS; i++) places[to++] = words[from++]!;
  }
}
