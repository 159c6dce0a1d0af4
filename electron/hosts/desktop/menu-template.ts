import type { MenuItemConstructorOptions } from 'electron';
import type { CommandName, HostCommand, ThemeChoice } from '../../../shared/contract/events.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';

/** What the menu depends on. */
export interface MenuState {
  readonly platform: NodeJS.Platform;
  readonly isPackaged: boolean;
  /** What the window could do now. */
  readonly can: readonly CommandName[];
  readonly theme: ThemeChoice;
  readonly recent: readonly { readonly sourceId: SourceId; readonly fileName: string }[];
  readonly hasDocumentation: boolean;
  readonly hasLog: boolean;
  /** Something went wrong that nobody expected, since Longshore was started. */
  readonly hasIncident: boolean;
}

/** What a click does. */
export interface MenuActions {
  command(command: HostCommand): void;
  documentation(): void;
  showLog(): void;
  copyIncident(): void;
}

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };
const THEMES: readonly [ThemeChoice, string][] = [
  ['system', 'Same as System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/**
 * The menu bar, in the order and with the roles that Electron's "Menu" and "MenuItem" documents give for each system. Titles
 * are capitalised as those of the roles are. What starts or resumes a load has no shortcut: it writes to an org.
 */
export function menuTemplate(state: MenuState, act: MenuActions): MenuItemConstructorOptions[] {
  const mac = state.platform === 'darwin';
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    { label: 'File', submenu: fileItems(state, act) },
    { role: 'editMenu' },
    { label: 'View', submenu: viewItems(state, act) },
    { label: 'Load', submenu: loadItems(state, act) },
    ...(mac ? [{ role: 'windowMenu' } as const] : []),
    { role: 'help', label: 'Help', submenu: helpItems(state, act) },
  ];
}

function fileItems(state: MenuState, act: MenuActions): MenuItemConstructorOptions[] {
  const recent = state.recent.map(({ sourceId, fileName }) => ({
    // A single & would be taken for the mark of an access key.
    label: fileName.replaceAll('&', '&&'),
    click: () => act.command({ kind: 'open-source', sourceId }),
  }));
  return [
    doing('choose-file', 'Open…', state, act, 'CmdOrCtrl+O'),
    { label: 'Open Recent', enabled: recent.length > 0, submenu: recent },
    SEPARATOR,
    doing('export', 'Export…', state, act, 'CmdOrCtrl+S'),
    SEPARATOR,
    { role: state.platform === 'darwin' ? 'close' : 'quit' },
  ];
}

function viewItems(state: MenuState, act: MenuActions): MenuItemConstructorOptions[] {
  const themes = THEMES.map(([theme, label]) => ({
    label,
    type: 'radio' as const,
    checked: state.theme === theme,
    click: () => act.command({ kind: 'theme', theme }),
  }));
  // They would show a person the inside of the app, and reloading throws away what was typed.
  const development: MenuItemConstructorOptions[] = [SEPARATOR, { role: 'reload' }, { role: 'toggleDevTools' }];
  return [
    { label: 'Theme', submenu: themes },
    SEPARATOR,
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    SEPARATOR,
    { role: 'togglefullscreen' },
    ...(state.isPackaged ? [] : development),
  ];
}

function loadItems(state: MenuState, act: MenuActions): MenuItemConstructorOptions[] {
  return [
    doing('start-load', 'Start Load', state, act),
    doing('resume-load', 'Resume Load', state, act),
    SEPARATOR,
    doing('cancel-load', 'Cancel Load', state, act, 'CmdOrCtrl+.'),
  ];
}

function helpItems(state: MenuState, act: MenuActions): MenuItemConstructorOptions[] {
  return [
    { label: 'Longshore Documentation', enabled: state.hasDocumentation, click: () => act.documentation() },
    SEPARATOR,
    { label: 'Show Log File', enabled: state.hasLog, click: () => act.showLog() },
    { label: 'Copy Incident Details', enabled: state.hasIncident, click: () => act.copyIncident() },
    // On macOS it is in the app's own menu.
    ...(state.platform === 'darwin' ? [] : [SEPARATOR, { role: 'about' } as const]),
  ];
}

/** An item that does what a click in the window would, where there is something to click. */
function doing(
  name: CommandName,
  label: string,
  state: MenuState,
  act: MenuActions,
  accelerator?: string,
): MenuItemConstructorOptions {
  return {
    label,
    enabled: state.can.includes(name),
    click: () => act.command({ kind: 'do', name }),
    ...(accelerator === undefined ? {} : { accelerator }),
  };
}
