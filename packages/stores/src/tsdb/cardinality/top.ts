/** Places of the greatest scores above zero, greatest first, of equal ones the first. */
export function topOf(scores: ArrayLike<number>, limit: number): readonly number[] {
  const heap: number[] = [];
  const isLess = (a: number, b: number) => {
    const difference = scores[a]! - scores[b]!;
    return difference === 0 ? a > b : difference < 0;
  };
  for (let place = 0; place < scores.length; place++) {
    if (!(scores[place]! > 0)) continue;
    if (heap.length < limit) {
      heap.push(place);
      rise(heap, isLess);
    } else if (limit > 0 && isLess(heap[0]!, place)) {
      heap[0] = place;
      sink(heap, isLess);
    }
  }
  return heap.sort((a, b) => (isLess(a, b) ? 1 : -1));
}

type IsLess = (a: number, b: number) => boolean;

function rise(heap: number[], isLess: IsLess): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >>> 1;
    if (!isLess(heap[at]!, heap[parent]!)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function sink(heap: number[], isLess: IsLess): void {
  for (let at = 0; ; ) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && isLess(heap[child]!, heap[least]!)) least = child;
    }
    if (least === at) return;
    swap(heap, at, least);
    at = least;
  }
}

function swap(heap: number[], a: number, b: number): void {
  const held = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = held;
}
