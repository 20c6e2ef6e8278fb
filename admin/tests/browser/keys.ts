import type { Page } from 'playwright-core';
import { focused, focusIn, tabTo } from './page';

/** More entries than any menu or list has. */
const MANY_ENTRIES = 20;

export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Goes down an open menu or list to an entry and takes it. */
async function take(page: Page, entry: string): Promise<void> {
  await press(page, 'Home');
  for (let passed = 0; (await focused(page)) !== entry; passed++) {
    if (passed > MANY_ENTRIES) throw new Error(`there is no entry ${entry}`);
    await press(page, 'ArrowDown');
  }
  await press(page, 'Enter');
}

/** Opens a row's menu and takes its entry. */
export async function choose(page: Page, menu: string, entry: string): Promise<void> {
  await tabTo(page, menu);
  await press(page, 'Enter');
  await focusIn(page, '[role="menuitem"]');
  await take(page, entry);
}

/** Opens the select that has the focus and takes an option. */
export async function pick(page: Page, option: string): Promise<void> {
  await press(page, 'Enter');
  await focusIn(page, '[role="option"]');
  await take(page, option);
  await focusIn(page, '.select-button');
}

/** Waits until no dialog is open; a notice is none, though its role says so. */
export const closed = (page: Page): Promise<void> => page.locator('.dialog').waitFor({ state: 'detached' });

/** Waits until an element has the focus. */
export async function focusAt(page: Page, id: string): Promise<void> {
  await page.waitForFunction((wanted) => document.activeElement?.id === wanted, id);
}
