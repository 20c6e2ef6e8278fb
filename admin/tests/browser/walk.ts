import type { Browser, Page } from 'playwright-core';
import { choose, pick, press } from './keys';
import { figuresShown, focused, focusIn, open, tabTo } from './page';
import type { Store } from './stack';

/** One job under way, and what it took so far. */
export class Walk {
  clicks = 0;

  private constructor(readonly page: Page) {}

  static async start(browser: Browser, store: Store, before?: (page: Page) => Promise<void>): Promise<Walk> {
    const { page } = await open(browser, { account: store.account, ...(before ? { before } : {}) });
    await figuresShown(page);
    await page.getByRole('button', { name: 'Nova campanha' }).waitFor();
    return new Walk(page);
  }

  /** Goes to a button or link and presses it. */
  async press(name: string): Promise<void> {
    if ((await focused(this.page)) !== name) await tabTo(this.page, name);
    await press(this.page, 'Enter');
    this.clicks += 1;
  }

  /** Writes into a field, which has to be gone to unless it has the focus already. */
  async write(label: string, text: string): Promise<void> {
    if ((await focused(this.page)) !== label) {
      await tabTo(this.page, label);
      this.clicks += 1;
    }
    await press(this.page, 'ControlOrMeta+a');
    await this.page.keyboard.type(text);
  }

  /** Sends the form that is being filled in. */
  async send(): Promise<void> {
    await press(this.page, 'Enter');
    this.clicks += 1;
  }

  async take(menu: string, entry: string): Promise<void> {
    await choose(this.page, menu, entry);
    this.clicks += 2;
  }

  async pick(option: string): Promise<void> {
    await pick(this.page, option);
    this.clicks += 2;
  }

  async range(preset: string): Promise<void> {
    await this.press((await this.page.locator('.range-button').getAttribute('aria-label')) ?? '');
    await focusIn(this.page, '.calendar-cell');
    // The ready-made ranges stand before the calendar, and Tab goes around within the panel.
    await this.press(preset);
    await focusIn(this.page, '.range-button');
  }

  end(job: string): void {
    console.log(`${job}: ${this.clicks} clicks`);
  }
}
