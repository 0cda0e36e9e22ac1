/**
 * Frees bytes that nobody holds any more. To V8 an array of any size is a small object, and each
 * 64 MB of them make it mark the thread's whole heap to find a few arrays: those whose end is known
 * need not wait for that. Does nothing unless their memory is as large as the caller says, as it is
 * not where others share it. What the caller holds is empty afterwards.
 */
export function giveBack({ buffer, byteLength }: ArrayBufferView, memoryBytes = byteLength): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === memoryBytes) buffer.transfer(0);
}
