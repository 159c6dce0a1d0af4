import { EventEmitter } from 'node:events';
import { ElectronEvent, post } from './channel.ts';

/** What Electron has of the desk around a window: menu, notifications, displays, and what keeps a computer awake. */

interface ItemOptions {
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly enabled?: boolean;
  readonly checked?: boolean;
  readonly accelerator?: string;
  readonly submenu?: readonly ItemOptions[];
  readonly click?: (item: MenuItem, window: undefined, event: object) => void;
}

/** "MenuItem": a role says what the item does, and its `click` is ignored. */
class MenuItem {
  readonly label: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly submenu: Menu | null;
  readonly #click: ItemOptions['click'];

  constructor({ label, role, enabled = true, checked = false, submenu, click }: ItemOptions) {
    this.label = label ?? role ?? '';
    this.enabled = enabled;
    this.checked = checked;
    this.submenu = submenu ? Menu.buildFromTemplate(submenu) : null;
    this.#click = role === undefined ? click : undefined;
  }
  choose(): void {
    this.#click?.(this, undefined, {});
  }
}

/** "Menu"; what a template must have is checked as in lib/browser/api/menu.ts. */
export class Menu {
  static #application: Menu | null = null;
  readonly items: readonly MenuItem[];

  private constructor(items: readonly MenuItem[]) {
    this.items = items;
  }
  static buildFromTemplate(template: readonly ItemOptions[]): Menu {
    if (template.some(({ label, role, type }) => label === undefined && role === undefined && type === undefined))
      throw new TypeError('Invalid template for MenuItem: must have at least one of label, role or type');
    const items = template.filter(({ type }) => type !== 'separator').map((options) => new MenuItem(options));
    return new Menu(items);
  }
  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu;
    post({ kind: 'menu', items: menu ? menu.#shown([]) : [] });
  }
  static getApplicationMenu(): Menu | null {
    return Menu.#application;
  }

  /** Its items as a person sees them, each by the way to it. */
  #shown(above: readonly string[]): { path: string[]; enabled: boolean; checked: boolean }[] {
    return this.items.flatMap(({ label, enabled, checked, submenu }) => {
      const path = [...above, label];
      return submenu ? [{ path, enabled, checked }, ...submenu.#shown(path)] : [{ path, enabled, checked }];
    });
  }
  /** Chooses an item as a person does; false where there is none that can be chosen. */
  choose([label, ...below]: readonly string[]): boolean {
    const item = this.items.find((one) => one.label === label);
    if (!item?.enabled) return false;
    if (below.length > 0) return item.submenu?.choose(below) ?? false;
    item.choose();
    return true;
  }
}

/** "Notification": `click` comes when a person clicks it, `show` when the system has shown it. */
export class Notification extends EventEmitter {
  static #last: Notification | null = null;
  static isSupported(): boolean {
    return true;
  }
  static clickLast(): boolean {
    Notification.#last?.emit('click', new ElectronEvent());
    return Notification.#last !== null;
  }
  readonly #options: { title: string; body: string };
  constructor(options: { title: string; body: string }) {
    super();
    this.#options = options;
  }
  show(): void {
    Notification.#last = this;
    const { title, body } = this.#options;
    post({ kind: 'notification', title, body });
    this.emit('show', new ElectronEvent());
  }
}

let blockers = 0;
const blocking = new Map<number, string>();
/** "powerSaveBlocker": each `start` has an id of its own, and `stop` tells whether it was started. */
export const powerSaveBlocker = {
  start: (type: string): number => {
    blocking.set(++blockers, type);
    post({ kind: 'awake', types: [...blocking.values()] });
    return blockers;
  },
  stop: (id: number): boolean => {
    const stopped = blocking.delete(id);
    post({ kind: 'awake', types: [...blocking.values()] });
    return stopped;
  },
  isStarted: (id: number): boolean => blocking.has(id),
};

const DISPLAY = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } };
/** "screen": one display, whose taskbar takes a part of it. */
export const screen = { getPrimaryDisplay: () => DISPLAY, getAllDisplays: () => [DISPLAY] };

/** "nativeTheme", `themeSource`: what is set is what the system's own parts of the app look like. */
export const nativeTheme = { themeSource: 'system' };

/** "clipboard", `writeText`: settles when it is written. */
export const clipboard = {
  writeText: (text: string): Promise<void> => {
    post({ kind: 'clipboard', text });
    return Promise.resolve();
  },
};

/** "nativeImage": what is no picture is an empty one. */
export const nativeImage = {
  createFromDataURL: (url: string) => ({ isEmpty: () => !/^data:image\/(png|jpeg);base64,iVBOR/.test(url) }),
};

/** "shell", but for `openExternal`. */
export const shellOfFiles = {
  showItemInFolder: (path: string): void => post({ kind: 'show-in-folder', path }),
  openPath: (path: string): Promise<string> => {
    post({ kind: 'show-in-folder', path });
    return Promise.resolve('');
  },
};
