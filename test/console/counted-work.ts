/** What a page of the console does, counted instead of timed: the same on a computer that is busy with something else. */
import type { Page } from 'playwright-core';

export interface Work {
  /** Calls of functions of the console's scripts. */
  calls: number;
  /** How often the page was laid out: once a frame, and once more each time that a script asked for a place before its time. */
  layouts: number;
  /** Rows that were made, and taken away. */
  rowsMade: number;
  rowsGone: number;
  /** Frames of the event stream that came meanwhile. */
  frames: number;
  /** Seconds that the page's clock ran; each is a look at the clock. */
  seconds: number;
  /** Formatters of numbers, dates and spans that were made. */
  formatters: number;
  /** Milliseconds of the main thread's own time: said, not judged. */
  mainThread: number;
}

/** Begins to count what cannot be seen from outside; before the page is opened. */
export async function countFrames(page: Page): Promise<void> {
  await page.addInitScript(`(() => {
    globalThis.counted = { frames: 0, formatters: 0 };
    const Source = globalThis.EventSource;
    globalThis.EventSource = class extends Source {
      constructor(url) {
        super(url);
        this.addEventListener('message', () => { counted.frames += 1; });
      }
    };
    for (const name of ['NumberFormat', 'DateTimeFormat', 'RelativeTimeFormat']) {
      const Format = Intl[name];
      Intl[name] = new Proxy(Format, { construct(target, given) { counted.formatters += 1; return new target(...given); } });
    }
  })()`);
}

/** What the page does while `run` runs. `rows` is what a row of the list is. */
export async function workOf(page: Page, rows: string, run: () => Promise<unknown>): Promise<Work> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Performance.enable', { timeDomain: 'threadTicks' });
  await devTools.send('Profiler.enable');
  const measured = async () => {
    const { metrics } = await devTools.send('Performance.getMetrics');
    const of = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? 0;
    return { layouts: of('LayoutCount'), mainThread: of('TaskDuration') * 1000 };
  };
  await page.evaluate(`(() => {
    const rows = ${JSON.stringify(rows)};
    const work = { made: 0, gone: 0, since: performance.now(), ...counted };
    const amount = (nodes) => [...nodes].filter((node) => node.matches?.(rows)).length;
    work.observer = new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        work.made += amount(addedNodes);
        work.gone += amount(removedNodes);
      }
    });
    work.observer.observe(document.body, { childList: true, subtree: true });
    globalThis.work = work;
  })()`);
  await devTools.send('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const before = await measured();
  await run();
  const after = await measured();
  const { result } = await devTools.send('Profiler.takePreciseCoverage');
  const seen = await page.evaluate<Pick<Work, 'rowsMade' | 'rowsGone' | 'frames' | 'seconds' | 'formatters'>>(
    `(work.observer.disconnect(), {
      rowsMade: work.made,
      rowsGone: work.gone,
      frames: counted.frames - work.frames,
      formatters: counted.formatters - work.formatters,
      seconds: (performance.now() - work.since) / 1000,
    })`,
  );
  await devTools.detach();
  return {
    ...seen,
    calls: result
      .filter(({ url }) => url.includes('/console/assets/'))
      .flatMap(({ functions }) => functions)
      .reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0),
    layouts: after.layouts - before.layouts,
    mainThread: Math.round(after.mainThread - before.mainThread),
  };
}

/** Scrolls `list` by so many pixels in each of so many frames. */
export const scrollBy = (page: Page, list: string, pixels: number, frames: number): Promise<void> =>
  page.evaluate(`new Promise((done) => {
    const list = document.querySelector(${JSON.stringify(list)});
    let [place, left] = [list.scrollTop, ${frames}];
    const next = () => {
      if (left === 0) return done();
      left -= 1;
      list.scrollTop = place += ${pixels};
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  })`);
