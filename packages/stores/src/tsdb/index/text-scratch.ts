const encoder = new TextEncoder();
const ASCII_END = 0x80;

/** Writes texts as UTF-8 into one re-used buffer. Labels are mostly ASCII, which needs no call. */
export class TextScratch {
  bytes = new Uint8Array(1_024);

  /** How many bytes of `bytes` the text takes; they hold until the next call. */
  encode(text: string): number {
    const { length } = text;
    if (length * 3 > this.bytes.length) this.bytes = new Uint8Array(length * 6);
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= ASCII_END) return encoder.encodeInto(text, bytes).written;
      bytes[i] = unit;
    }
    return length;
  }
}
