import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { PATIENCE_MILLIS } from './patience';
import { STACK_URL } from './stack';

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

/** Where a failing test leaves the traces of its pages, if it is to leave any. */
const TRACES = process.env.TRACES;
let traced = 0;

/** More presses of Tab than lead through the whole page. */
const MANY_TABS = 80;

interface OpenOptions extends BrowserContextOptions {
  account?: string;
  path?: string;
  /** Where the page is, if not at the stack itself. */
  origin?: string;
  /** Origins that may be talked to beside the page's own: an identity provider's, that of a framed page. */
  others?: string[];
  /** Set up before the first request. */
  before?: (page: Page) => Promise<void>;
  /** How far the page is loaded when it counts as open: to the end, unless a test holds a part back. */
  waitUntil?: 'load' | 'commit';
}

/** A page, and what went wrong in it. */
export interface Opened {
  page: Page;
  /** Errors of scripts, of the content security policy, and requests to another origin. */
  faults: string[];
}

export async function open(
  browser: Browser,
  { account, path = '/', origin = STACK_URL, others = [], before, waitUntil = 'load', ...options }: OpenOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'pt-BR', ...options });
  if (TRACES) await context.tracing.start({ snapshots: true, screenshots: true });
  onTestFinished(async ({ task }) => {
    if (TRACES && task.result?.state === 'fail') {
      const name = `${task.file.name}-${task.name}`.replaceAll(/[^\p{L}\d]+/gu, '-');
      await context.tracing.stop({ path: `${TRACES}/${name}-${++traced}.zip` });
    }
    // A page left open would go on asking for figures beside the tests that follow.
    await context.close();
  });
  context.setDefaultTimeout(PATIENCE_MILLIS);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  page.on('request', (request) => {
    const allowed = [new URL(origin).origin, ...others];
    const { origin: asked, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && !allowed.includes(asked)) faults.push(`foreign: ${request.url()}`);
  });
  await before?.(page);
  const url = new URL(path, origin);
  if (account) url.searchParams.set('account', account);
  await page.goto(url.href, { waitUntil });
  return { page, faults };
}

/** Waits until the figures are there. */
export async function figuresShown(page: Page): Promise<void> {
  await page.waitForSelector('.figures[aria-busy="false"]');
}

/** Waits until what fades has faded: half-faded text has no contrast yet. */
export const faded = (page: Page): Promise<unknown> =>
  page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((each) => each.effect?.getComputedTiming().iterations !== Infinity)
        .map((each) => each.finished.catch(() => undefined)),
    ),
  );

interface Axe {
  run: (root: Document, options: { runOnly?: string[] }) => Promise<{ violations: Violation[] }>;
}

interface Violation {
  id: string;
  nodes: { html: string }[];
}

/** What breaks a rule of axe's; all rules, or the named ones. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  await faded(page);
  return page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    const found = await axe.run(document, runOnly ? { runOnly } : {});
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
    );
  }, rules);
}

/** Nothing on the page breaks a rule of axe's, in the light and in the dark. */
export async function accessible(page: Page, state: string): Promise<void> {
  await page.evaluate(AXE);
  expect(await violations(page), state).toEqual([]);
  // Only colours differ between the two.
  const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  await page.emulateMedia({ colorScheme: dark ? 'light' : 'dark' });
  expect(await violations(page, ['color-contrast']), `${state}, ${dark ? 'light' : 'dark'}`).toEqual([]);
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
}

/** Whether the page can be scrolled sideways. */
export const overflowing = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** The shown text of a figure's numbers. */
export async function figure(page: Page, id: string): Promise<string[]> {
  return page.locator(`[data-figure="${id}"] .figure-number`).allTextContents();
}

/** What has the focus, in words: its label, else its text. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined;
    return element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '';
  });

/** Waits until the focus is inside of something. */
export async function focusIn(page: Page, selector: string): Promise<void> {
  await page.waitForFunction((outer) => document.activeElement?.closest(outer), selector);
}

/** Waits until what is called so has the focus. */
export async function focusOn(page: Page, name: string): Promise<void> {
  await expect.poll(() => focused(page)).toBe(name);
}

/** Presses Tab until what is called so has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  while (passed.length < MANY_TABS) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now === name) return;
    passed.push(now);
  }
  throw new Error(`Tab does not lead to ${name}, but to: ${passed.join(' | ')}`);
}

export async function openMenu(page: Page, campaign: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Ações de ${campaign}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** Waits for a message that tells of success or failure. */
export async function toast(page: Page, text: string): Promise<void> {
  await page.locator('.toast', { hasText: text }).waitFor();
}
