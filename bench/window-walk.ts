import type { Page } from '@playwright/test';
import type { LongTasks } from './long-tasks.ts';

/** What a person does with a file from its first row to the report, step by step, each of them measured. */
export class WindowWalk {
  readonly #page: Page;
  readonly #tasks: LongTasks;
  /** The file, in the name of each step. */
  readonly #what: string;
  /** Milliseconds that checking, comparing and loading may take. */
  readonly #patience: number;

  constructor(page: Page, tasks: LongTasks, what: string, patience: number) {
    this.#page = page;
    this.#tasks = tasks;
    this.#what = what;
    this.#patience = patience;
  }

  #step(name: string, act: (() => Promise<unknown>) | null, shown: string, patience?: number) {
    return this.#tasks.step(`${this.#what}: ${name}`, act, `${FAILED} || (${shown})`, patience);
  }

  #button(name: RegExp) {
    return this.#page.getByRole('button', { name });
  }

  /** Waits without measuring until a button can be pressed, and for as long as the page takes to come to rest. */
  async #canPress(name: RegExp): Promise<void> {
    await this.#button(name).click({ trial: true, timeout: this.#patience });
  }

  async open(path: string, rows: number): Promise<void> {
    await this.#button(/^Longshore home$/).click();
    await this.#step(
      'opened, its first rows',
      () => this.#page.getByLabel('File to load').setInputFiles(path),
      `document.querySelector('.ag-row [col-id="c0"]')`,
    );
    await this.#step(
      'read to its end',
      null,
      `document.querySelector('[data-primary]:not(:disabled)') && document.querySelector('[aria-rowcount="${rows + 1}"]')`,
      this.#patience,
    );
  }

  /** The rows: to the last column, to the last row, and in another order. */
  async rows(last: number, rows: number): Promise<void> {
    await this.#page.locator('.ag-row[row-index="0"] [col-id="c0"]').click();
    await this.#step(
      'to the last column',
      () => this.#page.keyboard.press('End'),
      `document.querySelector('.ag-row [col-id="c${last}"]')`,
    );
    await this.#step(
      'to the last row',
      () => this.#page.keyboard.press('Control+End'),
      `document.querySelector('.ag-row[row-index="${rows - 1}"] [col-id="row"]')?.textContent.trim() === '${rows.toLocaleString('en')}'`,
    );
    const header = `.ag-header-cell[col-id="c${last}"]`;
    await this.#step(
      'sorted',
      () => this.#page.locator(`${header} .column-header button`).first().click(),
      `document.querySelector('${header} svg[aria-label="ascending"]')`,
    );
  }

  /** The mapping: opened, to its end, a field list, another field. */
  async mapping(): Promise<void> {
    await this.#canPress(/^Map /);
    await this.#step(
      'mapping opened',
      () => this.#button(/^Map /).click(),
      `document.querySelector('table.mapping tbody tr')`,
    );
    await this.#canPress(/See the checks/);
    const picker = this.#page.locator('table.mapping').getByRole('combobox').first();
    await this.#step('a field list opened', () => picker.click(), `document.querySelector('.field-option')`);
    await this.#step(
      'a field searched for',
      () => picker.pressSequentially('name'),
      `document.querySelector('.field-option')`,
    );
    await this.#page.keyboard.press('Escape');
    const left = Number(/\d+/.exec((await this.#page.getByText(/^Not loaded \(/).textContent()) ?? '')?.[0]);
    await this.#step(
      'a column not loaded any more',
      () => this.#page.locator('table.mapping tr[data-unmapped="false"] .filled button').nth(3).click(),
      hasText('main label', `Not loaded (${left + 1})`),
    );
    await this.#canPress(/See the checks/);
    await this.#step(
      'mapping scrolled to its end',
      () => this.#page.evaluate(`document.querySelector('.main').scrollTo(0, 1e9)`),
      `true`,
    );
    await this.#canPress(/See the checks/);
  }

  /** Checked already while it was mapped: the step has its answer at once. */
  async checks(): Promise<void> {
    await this.#step(
      'checks opened',
      () => this.#button(/See the checks/).click(),
      hasText('main h2', 'needs a fix', 'need a fix', 'Every row'),
    );
  }

  async plan(): Promise<void> {
    await this.#canPress(/^Compare /);
    await this.#step(
      'comparing begun',
      () => this.#button(/^Compare /).click(),
      hasText('main h2', 'Comparing with', 'changes to'),
    );
    await this.#step(
      'compared, its plan seen',
      null,
      `${hasText('main h2', 'changes to')} && document.querySelector('.ag-row [col-id="row"]')`,
      this.#patience,
    );
    await this.#page.locator('.ag-row[row-index="0"] [col-id="row"]').click();
    await this.#step(
      'plan to its last row',
      () => this.#page.keyboard.press('Control+End'),
      `document.querySelector('.ag-row[row-index="1000"], .ag-row.ag-row-last [col-id="row"]')`,
    );
    await this.#step(
      'only what would be created',
      () => this.#button(/^Create [\d,]+$/).click(),
      `document.querySelector('.chip[aria-pressed="true"]') && document.querySelector('.ag-row[row-index="0"]')`,
    );
  }

  async load(): Promise<void> {
    await this.#canPress(/^Load /);
    await this.#step(
      'load begun',
      () => this.#button(/^Load /).click(),
      `document.querySelector('[data-primary][data-loading], .bar-track') || ${hasText('.rail [aria-current]', 'Load')}`,
    );
    await this.#step(
      'loaded to its last row, its report seen',
      null,
      `${hasText('main h3', 'Every row, once')} && document.querySelector('.ag-row [col-id]')`,
      this.#patience,
    );
    await this.#step(
      'another outcome',
      () => this.#page.locator('.chip[aria-pressed="false"]').first().click(),
      `document.querySelectorAll('.chip[aria-pressed="true"]').length > 1`,
    );
    await this.#step(
      'home again',
      () => this.#button(/^Longshore home$/).click(),
      hasText('main h2, main h3', 'Recent loads'),
    );
  }
}

/** An expression of the page: throws what it says of a failure, which would be waited for in vain. */
const FAILED = `[...document.querySelectorAll('main .failure, main [role="alert"]')].some((one) => { throw new Error(one.innerText); })`;

/** An expression of the page: whether an element says one of these. */
function hasText(selector: string, ...texts: string[]): string {
  const says = texts.map((text) => `one.textContent.includes(${JSON.stringify(text)})`).join(' || ');
  return `[...document.querySelectorAll(${JSON.stringify(selector)})].some((one) => ${says})`;
}
