/** A list of which only the beginning is drawn, and more of it each time that its end comes into sight: there may be thousands. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** How many of `count` are to be drawn, `step` more at a time; `end` belongs on an element behind the last of them. */
export function useDrawnPart(
  count: number,
  step: number,
): { drawn: number; end: RefObject<HTMLDivElement | null> } {
  const end = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(step);
  useEffect(() => {
    if (end.current === null || drawn >= count) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) setDrawn(drawn + step);
      },
      // Before one is there.
      { rootMargin: '50%' },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [drawn, count, step]);
  return { drawn, end };
}
