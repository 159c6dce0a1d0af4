import type { Concept, Phrases, Scope } from './concepts.ts';
import { ENGLISH } from './english.ts';
import { FRENCH } from './french.ts';
import { GERMAN } from './german.ts';
import { PORTUGUESE, SPANISH } from './iberian.ts';
import { DUTCH, ITALIAN } from './italian-dutch.ts';
import { CHINESE, JAPANESE } from './japanese-chinese.ts';
import { fold } from './fold.ts';
import { ALSO_CALLED, OBJECT_WORDS } from './object-words.ts';
import { SCOPE_PHRASES } from './scopes.ts';

const LANGUAGES: readonly Phrases[] = [ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, DUTCH, JAPANESE, CHINESE];

function split(phrases: string): string[] {
  return phrases
    .split(',')
    .map(fold)
    .filter((phrase) => phrase !== '');
}

function allPhrases(): Map<string, readonly Concept[]> {
  const found = new Map<string, Concept[]>();
  for (const language of LANGUAGES) {
    for (const [concept, phrases] of Object.entries(language) as [Concept, string][]) {
      for (const phrase of split(phrases)) {
        const concepts = found.get(phrase) ?? [];
        if (!concepts.includes(concept)) concepts.push(concept);
        found.set(phrase, concepts);
      }
    }
  }
  return found;
}

const BY_PHRASE = allPhrases();

/** What a folded phrase may be about, in any of the languages; what it most often means first. */
export function conceptsOf(folded: string): readonly Concept[] {
  return BY_PHRASE.get(folded) ?? [];
}

/** What a phrase may be about that says enough only where a scope stands by it: a "Billing Code", but no "Code". */
export function scopedConceptsOf(folded: string): readonly Concept[] {
  return folded === 'code' ? ['postalCode'] : conceptsOf(folded);
}

/** Longest first, so that "ship to" is taken off whole. */
const SCOPES: readonly (readonly [string, Scope])[] = SCOPE_PHRASES.flatMap(([scope, phrases]) =>
  split(phrases).map((phrase) => [phrase, scope] as const),
).sort((a, b) => b[0].length - a[0].length);

/** The ways to read a folded header as a phrase with a scope before or after it. */
export function scoped(folded: string): { rest: string; scope: Scope }[] {
  return SCOPES.flatMap(([phrase, scope]) => [
    ...(folded.startsWith(phrase) ? [{ rest: folded.slice(phrase.length), scope }] : []),
    // "Street Address 2" is the second line of a street, no second address.
    ...(folded.endsWith(phrase) && !/\d$/.test(phrase) ? [{ rest: folded.slice(0, -phrase.length), scope }] : []),
  ]).filter(({ rest }) => rest !== '');
}

const WORDS = new Map(Object.entries(OBJECT_WORDS).map(([name, words]) => [name, new Set(split(words))]));

/** What an object is called, folded: by the words known for standard objects, and by its own labels. */
export function wordsFor(object: { name: string; label: string; labelPlural: string }): ReadonlySet<string> {
  const labels = [object.label, object.labelPlural, object.name].map(fold).filter((word) => word !== '');
  return new Set([...(WORDS.get(object.name) ?? []), ...labels]);
}

/** The words that may stand before a column's own in a file for this object. */
export function prefixesFor(object: { name: string; label: string; labelPlural: string }): readonly string[] {
  const others = (ALSO_CALLED[object.name] ?? []).flatMap((name) => [...(WORDS.get(name) ?? [])]);
  return [...new Set([...wordsFor(object), ...others])].sort((a, b) => b.length - a.length);
}
