import type { MenuItemConstructorOptions } from 'electron';
import { expect, test } from 'vitest';
import { CommandName, type HostCommand } from '../../../shared/contract/events.ts';
import { SourceId } from '../../../shared/domain/ids.ts';
import { menuTemplate, type MenuState } from './menu-template.ts';

const sourceId = SourceId.parse('src_aaaaaaaaaaaaaaaa');
const STATE: MenuState = {
  platform: 'linux',
  isPackaged: true,
  can: ['choose-file'],
  theme: 'dark',
  recent: [{ sourceId, fileName: 'ships & berths.csv' }],
  hasDocumentation: true,
  hasLog: true,
  hasIncident: false,
};

function menuOf(state: Partial<MenuState> = {}) {
  const done: (HostCommand | string)[] = [];
  const template = menuTemplate(
    { ...STATE, ...state },
    {
      command: (command) => done.push(command),
      documentation: () => done.push('documentation'),
      showLog: () => done.push('log'),
      copyIncident: () => done.push('incident'),
    },
  );
  const items = (title: string): MenuItemConstructorOptions[] => {
    const submenu = template.find(({ label }) => label === title)?.submenu;
    return Array.isArray(submenu) ? submenu : [];
  };
  const item = (title: string, label: string) => items(title).find((one) => one.label === label);
  const click = (one: MenuItemConstructorOptions | undefined) => one?.click?.(null as never, undefined, {});
  return { template, items, item, click, done };
}

const titles = (items: readonly MenuItemConstructorOptions[]) =>
  items.flatMap(({ type, role, label }) => (type === 'separator' ? [] : [label ?? role]));

test('the menu bar has what each system expects', () => {
  expect(titles(menuOf().template)).toEqual(['File', 'editMenu', 'View', 'Load', 'Help']);
  const mac = menuOf({ platform: 'darwin' });
  expect(titles(mac.template)).toEqual(['appMenu', 'File', 'editMenu', 'View', 'Load', 'windowMenu', 'Help']);
  expect(titles(mac.items('File'))).toEqual(['Open…', 'Open Recent', 'Export…', 'close']);
  expect(titles(menuOf().items('File'))).toEqual(['Open…', 'Open Recent', 'Export…', 'quit']);
  // About is in macOS's app menu, which its role makes.
  expect(titles(mac.items('Help'))).not.toContain('about');
  expect(titles(menuOf().items('Help'))).toContain('about');
});

test('a packed app has neither developer tools nor a reload, in any menu', () => {
  const roles = (template: unknown) => JSON.stringify(template);
  expect(roles(menuOf().template)).not.toMatch(/devtools|reload|viewMenu/i);
  expect(roles(menuOf({ isPackaged: false }).template)).toMatch(/reload.*toggleDevTools/);
});

test('what the window can’t do now can’t be chosen, and what it can is asked of it', () => {
  const of: Record<CommandName, [string, string]> = {
    'choose-file': ['File', 'Open…'],
    export: ['File', 'Export…'],
    'start-load': ['Load', 'Start Load'],
    'resume-load': ['Load', 'Resume Load'],
    'cancel-load': ['Load', 'Cancel Load'],
  };
  for (const name of CommandName.options) {
    const [title, label] = of[name];
    expect(menuOf({ can: [] }).item(title, label)).toMatchObject({ enabled: false });
    const menu = menuOf({ can: [name] });
    expect(menu.item(title, label)).toMatchObject({ enabled: true });
    menu.click(menu.item(title, label));
    expect(menu.done).toEqual([{ kind: 'do', name }]);
  }
});

test('recent files are named without their places and open by their ids', () => {
  const menu = menuOf();
  const recent = menu.item('File', 'Open Recent');
  expect(recent).toMatchObject({ enabled: true, submenu: [{ label: 'ships && berths.csv' }] });
  menu.click((recent?.submenu as MenuItemConstructorOptions[])[0]);
  expect(menu.done).toEqual([{ kind: 'open-source', sourceId }]);
  expect(menuOf({ recent: [] }).item('File', 'Open Recent')).toMatchObject({ enabled: false });
});

test('the theme that is used is marked, and another can be chosen', () => {
  const menu = menuOf();
  const themes = menu.item('View', 'Theme')?.submenu as MenuItemConstructorOptions[];
  expect(themes.map(({ checked }) => checked)).toEqual([false, false, true]);
  menu.click(themes[0]);
  expect(menu.done).toEqual([{ kind: 'theme', theme: 'system' }]);
});

test('help leads to the documentation, the log and the last incident', () => {
  const menu = menuOf({ hasIncident: true });
  for (const label of ['Longshore Documentation', 'Show Log File', 'Copy Incident Details'])
    menu.click(menu.item('Help', label));
  expect(menu.done).toEqual(['documentation', 'log', 'incident']);
  const nothing = menuOf({ hasDocumentation: false, hasLog: false });
  for (const label of ['Longshore Documentation', 'Show Log File', 'Copy Incident Details'])
    expect(nothing.item('Help', label)).toMatchObject({ enabled: false });
});
