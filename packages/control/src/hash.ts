const FNV_BASIS = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;
const SEPARATOR = 0xff;

/** FNV-1a, 64 bits, of the UTF-8 bytes. */
export function hashText(text: string): bigint {
  return addText(FNV_BASIS, text);
}

/** The fingerprint with which Alertmanager and Prometheus name a label set: 16 hex digits. */
export function fingerprint(labels: readonly string[]): string {
  let hash = FNV_BASIS;
  for (const part of labels) hash = addByte(addText(hash, part), SEPARATOR);
  return hash.toString(16).padStart(16, "0");
}

function addText(start: bigint, text: string): bigint {
  let hash = start;
  for (const byte of new TextEncoder().encode(text)) hash = addByte(hash, byte);
  return hash;
}

function addByte(hash: bigint, byte: number): bigint {
  return ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK;
}
