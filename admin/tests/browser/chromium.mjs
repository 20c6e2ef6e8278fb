// Debian's Chromium for the browser tests and the screenshots.
import { chromium } from 'playwright-core';

const ARGS = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--font-render-hinting=none',
];

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: process.getuid?.() === 0 ? [...ARGS, '--no-sandbox'] : ARGS,
  });
}
