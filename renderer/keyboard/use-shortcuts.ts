import { useLayoutEffect, useRef } from 'react';
import { nextRegion, shortcutOf, type ShortcutName } from './shortcuts.ts';

export const isMac = /Mac/.test(navigator.platform);

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}

/** A dialog, a menu or an open list takes its keys itself. */
function isBusy(target: EventTarget | null): boolean {
  const inList = target instanceof Element && target.closest('[aria-expanded="true"][aria-haspopup], [role="menu"]');
  return Boolean(inList) || document.querySelector('dialog[open]') !== null;
}

/** What can be reached by Tab inside an element, first the one that is marked, then any. */
function firstControl(region: Element): HTMLElement | null {
  const marked = region.querySelector<HTMLElement>('[aria-current]:not(:disabled), h2[tabindex]');
  return (
    marked ??
    region.querySelector<HTMLElement>('button:not(:disabled), input:not(:disabled), select:not(:disabled), a[href]') ??
    (region instanceof HTMLElement && region.tabIndex >= -1 ? region : null)
  );
}

/** Moves the focus to the next part of the window that has something to focus; parts are marked `data-region`. */
function goToRegion(back: boolean): void {
  const regions = [...document.querySelectorAll('[data-region]')].filter((region) => firstControl(region) !== null);
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[nextRegion(regions.length, at, back)];
  if (next) firstControl(next)?.focus();
}

/** The button that leads on from this step. One that writes to an org is only brought to: pressing it is a second decision. */
function goOn(): void {
  const button = document.querySelector<HTMLButtonElement>('main button[data-primary]:not(:disabled)');
  if (!button) return;
  if (button.dataset['primary'] === 'focus') button.focus();
  else button.click();
}

/** Does what a shortcut is for; whether there was anything to do. */
function run(name: ShortcutName, special: Readonly<Record<'open-file' | 'help', () => void>>): boolean {
  switch (name) {
    case 'open-file':
    case 'help':
      special[name]();
      return true;
    case 'search': {
      const field = document.querySelector<HTMLInputElement>('main input[data-search]:not(:disabled)');
      field?.focus();
      field?.select();
      return field !== null;
    }
    case 'primary':
      goOn();
      return true;
    case 'leave': {
      const button = document.querySelector<HTMLButtonElement>('main button[data-leave]:not(:disabled)');
      button?.click();
      return button !== null;
    }
    case 'next-region':
    case 'previous-region':
      goToRegion(name === 'previous-region');
      return true;
  }
}

/** Listens for the window's shortcuts. What a control took for itself, and what is pressed in a dialog, is left alone. */
export function useShortcuts(openFile: () => void, help: () => void): void {
  const latest = useRef({ 'open-file': openFile, help });
  useLayoutEffect(() => {
    latest.current = { 'open-file': openFile, help };
  });
  // Before the window is seen: what is pressed as soon as it is there would be lost.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || isBusy(event.target)) return;
      const name = shortcutOf(event, isMac, isField(event.target));
      if (name !== null && run(name, latest.current)) event.preventDefault();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
