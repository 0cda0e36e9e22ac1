import { workerData } from "node:worker_threads";
import { seededRandom } from "@hms-ops/model";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { BodyFileWriter } from "./body-file.ts";
import { InstanceTemplate } from "./instance-template.ts";
import { CONNECTIONS, SERIES_A_INSTANCE, type Stream } from "./streams.ts";
import { InstanceValues } from "./values.ts";

/** What the thread is given: it writes the bodies of one connection. */
export interface EncodeTask {
  readonly stream: Stream;
  readonly connection: number;
  readonly startMs: number;
  readonly seed: number;
  readonly path: string;
}

const INSTANCES_A_BODY = 20;

interface Sender {
  readonly instance: number;
  readonly offsetMs: number;
  generation: number;
  values: InstanceValues;
  template: InstanceTemplate;
}

/** Gathers instances until a body is full. */
class BodyBuilder {
  readonly #file: BodyFileWriter;
  readonly #parts: Uint8Array[] = [];

  constructor(path: string) {
    this.#file = new BodyFileWriter(path);
  }

  add(part: Uint8Array, step: number): void {
    this.#parts.push(part.slice());
    if (this.#parts.length === INSTANCES_A_BODY) this.#write(step);
  }

  close(step: number): void {
    if (this.#parts.length > 0) this.#write(step);
    this.#file.close();
  }

  #write(step: number): void {
    const samples = this.#parts.length * SERIES_A_INSTANCE;
    const bytes = compressSnappy(Buffer.concat(this.#parts));
    this.#file.add({ bytes, samples, step });
    this.#parts.length = 0;
  }
}

function encode({ stream, connection, startMs, seed, path }: EncodeTask): void {
  const random = seededRandom(seed + connection);
  const senders: Sender[] = [];
  for (let instance = connection; instance < stream.instances; instance += CONNECTIONS) {
    senders.push({
      instance,
      // Off every step, so that open and closed windows see the same samples.
      offsetMs: 1 + random.below(stream.stepMs - 2),
      generation: 0,
      values: new InstanceValues(random),
      template: new InstanceTemplate(instance, 0),
    });
  }
  const bodies = new BodyBuilder(path);
  for (let step = 0; step < stream.steps; step++) {
    for (const sender of senders) {
      const timeMs = startMs + step * stream.stepMs + sender.offsetMs;
      const replacedAt = (sender.instance + 1) * stream.replaceEvery;
      if (stream.replaceEvery > 0 && step === replacedAt) {
        sender.template.writeStale(timeMs);
        bodies.add(sender.template.bytes, step);
        sender.generation++;
        sender.values = new InstanceValues(random);
        sender.template = new InstanceTemplate(sender.instance, sender.generation);
      }
      sender.values.step();
      sender.template.write(sender.values.values, timeMs);
      bodies.add(sender.template.bytes, step);
    }
  }
  bodies.close(stream.steps - 1);
}

encode(workerData as EncodeTask);
