import { type RefObject, useEffect, useRef, useState } from "react";

export interface Frame {
  readonly ref: RefObject<HTMLDivElement | null>;
  /** CSS px; 0 until it is laid out. */
  readonly widthPx: number;
  readonly visible: boolean;
}

/** Widths closer than this ask for the same picture, so that a scroll bar costs no query. */
const WIDTH_STEP_PX = 32;

/** How wide an element is and whether it is in sight: panels off screen are not asked. */
export function useFrame(): Frame {
  const ref = useRef<HTMLDivElement>(null);
  const [widthPx, setWidthPx] = useState(0);
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () =>
      setWidthPx(Math.ceil(element.clientWidth / WIDTH_STEP_PX) * WIDTH_STEP_PX);
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    const scrolled = new IntersectionObserver(
      (entries) => setVisible(entries.some((entry) => entry.isIntersecting)),
      { rootMargin: "200px" },
    );
    scrolled.observe(element);
    return () => {
      resized.disconnect();
      scrolled.disconnect();
    };
  }, []);
  return { ref, widthPx, visible };
}
