import { type Disk, isAbsence } from "../../disk/index.ts";
import { isDamage, type PageCache } from "../block/index.ts";
import { COMPANIONS, Companion } from "../companion/index.ts";
import type { BlockRef } from "../ports.ts";
import { companionName } from "../upkeep/companions.ts";

/** Told once of each block, and each companion (`<block>/<file>`), that this reader gives up. */
export type OnDamage = (name: string, problem: string) => void;

/** The companions of one open block, opened when they are first asked for. */
export class OpenCompanions {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #ref: BlockRef;
  readonly #cache: PageCache;
  readonly #onDamage: OnDamage;
  /** By width; undefined: of no use. */
  readonly #open = new Map<number, Companion | undefined>();

  constructor(disk: Disk, folder: string, ref: BlockRef, cache: PageCache, onDamage: OnDamage) {
    this.#disk = disk;
    this.#folder = folder;
    this.#ref = ref;
    this.#cache = cache;
    this.#onDamage = onDamage;
  }

  has(widthMs: number): boolean {
    return this.#fileOf(widthMs) !== undefined && !this.#isUseless(widthMs);
  }

  /**
   * What `work` reads of a companion; undefined if there is none, or it turns out damaged: the
   * samples answer instead. `check` throws if what is missing is no damage.
   */
  read<Result>(
    widthMs: number,
    check: () => void,
    work: (companion: Companion) => Result,
  ): Result | undefined {
    const file = this.#fileOf(widthMs);
    if (file === undefined || this.#isUseless(widthMs)) return undefined;
    try {
      const known = this.#open.get(widthMs);
      const companion = known ?? this.#opened(file);
      if (!known) this.#open.set(widthMs, companion);
      return work(companion);
    } catch (error) {
      check();
      this.#giveUp(widthMs, file, error);
      return undefined;
    }
  }

  close(): void {
    for (const companion of this.#open.values()) companion?.close();
    this.#open.clear();
  }

  #fileOf(widthMs: number): string | undefined {
    const file = COMPANIONS.find((companion) => companion.widthMs === widthMs)?.file;
    return file !== undefined && this.#ref.companions?.files[file] ? file : undefined;
  }

  #isUseless(widthMs: number): boolean {
    return this.#open.has(widthMs) && this.#open.get(widthMs) === undefined;
  }

  #opened(file: string): Companion {
    const path = this.#disk.join(this.#folder, file);
    return new Companion(this.#disk.open(path), path, this.#ref.meta.name, this.#cache);
  }

  #giveUp(widthMs: number, file: string, error: unknown): void {
    const isGone = isAbsence(error);
    const isDamaged = isDamage(error);
    if (!isGone && !isDamaged) throw error;
    this.#open.get(widthMs)?.close();
    this.#open.set(widthMs, undefined);
    // One that is gone was set aside already, by another reader.
    if (isDamaged) this.#onDamage(companionName(this.#ref.meta.name, file), error.message);
  }
}
