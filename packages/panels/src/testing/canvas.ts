import { afterAll, beforeAll } from "vitest";

/**
 * What jsdom lacks for a chart: a canvas that remembers the texts it was given, the width of an
 * element, and a media query. Call it before the chart is imported.
 */
export function fakeCanvas(widthPx: number): { readonly texts: string[] } {
  const texts: string[] = [];
  const context = new Proxy({} as Record<string | symbol, unknown>, {
    get: (held, name) => {
      if (name in held) return held[name];
      if (name === "measureText") return (text: string) => ({ width: text.length * 7 });
      if (name === "fillText") return (text: string) => void texts.push(text);
      return () => undefined;
    },
    set: (held, name, value) => {
      held[name] = value;
      return true;
    },
  });
  class Path {
    moveTo(): void {}
    lineTo(): void {}
    rect(): void {}
    arc(): void {}
    closePath(): void {}
  }
  const media = () => ({ matches: false, addEventListener() {}, removeEventListener() {} });
  Object.assign(globalThis, { Path2D: Path, matchMedia: media });
  Object.assign(window, { matchMedia: media });
  HTMLCanvasElement.prototype.getContext = (() => context) as never;
  beforeAll(() => {
    Object.defineProperty(HTMLElement.prototype, "clientWidth", {
      configurable: true,
      get: () => widthPx,
    });
  });
  afterAll(() => {
    Reflect.deleteProperty(HTMLElement.prototype, "clientWidth");
  });
  return { texts };
}
