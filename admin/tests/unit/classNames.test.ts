import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// One scheme for all of the page's classes (src/styles/index.css).

const STYLES = 'src';
const sheets = readdirSync(STYLES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css'));

/** Every selector of a sheet, without what stands in comments, strings and addresses. */
const selectors = (sheet: string): string[] =>
  [
    ...readFileSync(`${STYLES}/${sheet}`, 'utf8')
      .replaceAll(/\/\*.*?\*\/|url\([^)]*\)|"[^"]*"|'[^']*'/gs, '')
      .matchAll(/([^{};]+)\{/g),
  ].flatMap(([, list = '']) => list.split(/,(?![^()]*\))/).map((each) => each.trim()));

const classesIn = (text: string): string[] => [...text.matchAll(/\.([a-zA-Z][\w-]*)/g)].map(([, name = '']) => name);

/** The first class of each selector: what it is about. */
const leading = new Set(sheets.flatMap((sheet) => selectors(sheet).flatMap((each) => classesIn(each)[0] ?? [])));

/** Words that say how or where something is, and could be of anything: never a class by themselves. */
const STATES =
  'row end name open selected active paused failed counting busy pending good bad warn chosen up down same live ' +
  'nowrap read clicked clicks conversions asked bought delivered primary danger plain mailed bounced complained stacking';

it('a state or a place never stands by itself, but with the block that it is of', () => {
  expect(STATES.split(' ').filter((word) => leading.has(word))).toEqual([]);
});

it('what comes with a view changes nothing that was there before', () => {
  // A sheet that is loaded later wins, and stays: it may style what the page has by other names only.
  const first = sheets.filter((sheet) => sheet.startsWith('styles/'));
  const plain = (sheet: string): string[] =>
    selectors(sheet).flatMap((selector) => (/^\.[\w-]+$/.test(selector) ? [selector] : []));
  const there = new Set(first.flatMap(plain));
  const later = sheets.filter((sheet) => !sheet.startsWith('styles/'));
  expect(later.length).toBeGreaterThan(0);
  expect(later.flatMap(plain).filter((selector) => there.has(selector))).toEqual([]);
});

it('no class is styled that the page doesn’t have', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(`src/${name}`, 'utf8'))
    .join('\n');
  // Parts of react-aria's have its names, and what a picture is made of has those of figures.
  const has = (name: string): boolean =>
    name.startsWith('react-aria-') || new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(sources);
  const styled = new Set(sheets.flatMap((sheet) => selectors(sheet).flatMap(classesIn)));
  expect([...styled].filter((name) => !has(name))).toEqual([]);
});
