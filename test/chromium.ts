/** A real browser for tests: this computer's Chromium, which asks nothing outside of it. */
import { type Browser, chromium } from 'playwright-core';

/** Where Debian, Ubuntu and macOS put it; `CHROMIUM` names another place. */
const places = [
  process.env.CHROMIUM,
  Bun.which('chromium'),
  Bun.which('chromium-browser'),
  Bun.which('google-chrome'),
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export async function startChromium(): Promise<Browser> {
  const executablePath = places.find((place) => place && Bun.file(place).size > 0);
  if (!executablePath)
    throw new Error('There is no Chromium to test with: apt-get install chromium, or set CHROMIUM to one.');
  return chromium.launch({
    executablePath,
    // Containers run as root and have a small /dev/shm; nothing but this computer is ever asked.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
