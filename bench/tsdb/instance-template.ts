import { INSTANCE_SHAPES, SERIES_PER_INSTANCE } from "./values.ts";

const VERSIONS = 7;
const STALE_NAN_HIGH = 0x7ff00000;
const STALE_NAN_LOW = 2;
/** Tag and double, tag and a time of six bytes: every time of this century has six. */
const SAMPLE_BYTES = 16;
const encoder = new TextEncoder();

/** Labels of one series in the order that remote write asks for. */
function labelsOf(instance: number, generation: number, series: number): [string, string][] {
  const shape = INSTANCE_SHAPES[series];
  if (shape === undefined) return [];
  const host = `10.${instance >> 16}.${(instance >> 8) & 255}.${instance & 255}`;
  const labels: Record<string, string> = {
    ...shape.labels,
    __name__: shape.name,
    job: `service-${instance % 4}`,
    instance: generation === 0 ? `${host}:9100` : `${host}:${9_100 + generation}`,
    region: `region-${(instance >> 2) % 4}`,
    env: instance % 10 === 9 ? "staging" : "production",
    ...(shape.kind === "constant" ? { version: `1.${instance % VERSIONS}.0` } : {}),
  };
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * The remote-write bytes of one instance at one step: made once, then only values and the time
 * are written over.
 */
export class InstanceTemplate {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #valueAt = new Int32Array(SERIES_PER_INSTANCE);

  constructor(instance: number, generation: number) {
    const out: number[] = [];
    for (let series = 0; series < SERIES_PER_INSTANCE; series++) {
      const body: number[] = [];
      for (const [name, value] of labelsOf(instance, generation, series)) {
        const label: number[] = [];
        pushMessage(label, 0x0a, encoder.encode(name));
        pushMessage(label, 0x12, encoder.encode(value));
        pushMessage(body, 0x0a, label);
      }
      body.push(0x12, SAMPLE_BYTES, 0x09);
      const valueInBody = body.length;
      for (let i = 0; i < 8; i++) body.push(0);
      body.push(0x10, 0, 0, 0, 0, 0, 0);
      out.push(0x0a);
      pushVarint(out, body.length);
      this.#valueAt[series] = out.length + valueInBody;
      for (const byte of body) out.push(byte);
    }
    this.bytes = Uint8Array.from(out);
    this.#view = new DataView(this.bytes.buffer);
  }

  write(values: Float64Array, timeMs: number): void {
    for (let i = 0; i < SERIES_PER_INSTANCE; i++) {
      const at = this.#valueAt[i] ?? 0;
      this.#view.setFloat64(at, values[i] ?? 0, true);
      this.#writeTime(at + 9, timeMs);
    }
  }

  /** What a scraper sends when its target has gone. */
  writeStale(timeMs: number): void {
    for (let i = 0; i < SERIES_PER_INSTANCE; i++) {
      const at = this.#valueAt[i] ?? 0;
      this.#view.setUint32(at, STALE_NAN_LOW, true);
      this.#view.setUint32(at + 4, STALE_NAN_HIGH, true);
      this.#writeTime(at + 9, timeMs);
    }
  }

  #writeTime(at: number, timeMs: number): void {
    let rest = timeMs;
    for (let i = 0; i < 5; i++) {
      this.bytes[at + i] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[at + 5] = rest;
  }
}

function pushVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  out.push(rest);
}

function pushMessage(out: number[], tag: number, bytes: ArrayLike<number>): void {
  out.push(tag);
  pushVarint(out, bytes.length);
  for (let i = 0; i < bytes.length; i++) out.push(bytes[i] ?? 0);
}
