import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { STACK_URL } from './stack';

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const CSP = readFileSync('CSP.txt', 'utf8').trim();

interface OpenOptions extends BrowserContextOptions {
  account?: string;
  path?: string;
  /** Set up before the first request. */
  before?: (page: Page) => Promise<void>;
}

/** A page, and what went wrong in it. */
export interface Opened {
  page: Page;
  /** Errors of scripts, of the content security policy, and requests to another origin. */
  faults: string[];
}

export async function open(browser: Browser, { account, path = '/', before, ...options }: OpenOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'pt-BR', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(STACK_URL).origin) faults.push(`foreign: ${request.url()}`);
  });
  // Where the stack sends no policy of its own, the page is judged by the one it is meant for.
  await page.route((url) => url.pathname === '/', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { 'content-security-policy': CSP, ...response.headers() } });
  });
  await before?.(page);
  const url = new URL(path, STACK_URL);
  if (account) url.searchParams.set('account', account);
  await page.goto(url.href);
  return { page, faults };
}

/** Waits until the figures are there. */
export async function figuresShown(page: Page): Promise<void> {
  await page.waitForSelector('.figures[aria-busy="false"]');
}

/** Nothing on the page breaks a rule of axe's. */
export async function accessible(page: Page, state: string): Promise<void> {
  // Half-faded text has no contrast yet.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((each) => each.effect?.getComputedTiming().iterations !== Infinity)
        .map((each) => each.finished.catch(() => undefined)),
    ),
  );
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run: (root: Document) => Promise<{ violations: Violation[] }> } }).axe;
    interface Violation {
      id: string;
      nodes: { html: string; target: unknown[] }[];
    }
    const { violations: found } = await axe.run(document);
    return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  });
  expect(violations, state).toEqual([]);
}

/** The shown text of a figure's numbers. */
export async function figure(page: Page, id: string): Promise<string[]> {
  return page.locator(`[data-figure="${id}"] .figure-number`).allTextContents();
}

/** What has the focus, in words. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
  });

export async function openMenu(page: Page, campaign: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Ações de ${campaign}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** Waits for a message that tells of success or failure. */
export async function toast(page: Page, text: string): Promise<void> {
  await page.locator('.toast', { hasText: text }).waitFor();
}
