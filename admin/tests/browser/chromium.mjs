// Debian's Chromium for the browser tests and the screenshots.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { chromium } from 'playwright-core';

const ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/** Families that text can be set in until Inter is there: wider than Inter and narrower (Arial's widths). */
export const FALLBACKS = { wide: 'DejaVu Sans', narrow: 'Liberation Sans' };

/** The file of a family's regular or bold face. */
function fontFile(family, weight) {
  const [found, file] = execFileSync('fc-match', ['--format', '%{family}\n%{file}', `${family}:${weight}`], {
    encoding: 'utf8',
  }).split('\n');
  if (found !== family) throw new Error(`the font ${family} is missing: infra/checks/page-tools.sh installs it`);
  return file;
}

/** Writes a configuration of fontconfig's that knows one family alone, whatever fonts the machine has. */
function onlyFonts(family) {
  const folder = mkdtempSync(join(tmpdir(), 'fonts-'));
  const fonts = join(folder, 'fonts');
  mkdirSync(fonts);
  for (const file of ['regular', 'bold'].map((weight) => fontFile(family, weight)))
    symlinkSync(file, join(fonts, basename(file)));
  const config = join(folder, 'fonts.conf');
  writeFileSync(
    config,
    `<?xml version="1.0"?><fontconfig><dir>${fonts}</dir><cachedir>${join(folder, 'cache')}</cachedir></fontconfig>`,
  );
  return { folder, config };
}

/**
 * A browser whose only font, beside the page's own, is the wide or the narrow fallback: what a test sees depends on
 * no font of the machine's. Wide is the rule, since it's the one that fits worse.
 */
export async function launch({ fallback = 'wide' } = {}) {
  const { folder, config } = onlyFonts(FALLBACKS[fallback]);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: process.getuid?.() === 0 ? [...ARGS, '--no-sandbox'] : ARGS,
    env: { ...process.env, FONTCONFIG_FILE: config },
  });
  browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true }));
  return browser;
}
