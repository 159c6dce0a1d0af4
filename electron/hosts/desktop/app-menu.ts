import { Menu } from 'electron';
import { menuTemplate, type MenuActions, type MenuState } from './menu-template.ts';

/** The menu bar as it is now. Electron's menus can't be changed but by building them anew ("Menu", `setApplicationMenu`). */
export class AppMenu {
  readonly #act: MenuActions;
  #state: MenuState;

  constructor(state: MenuState, act: MenuActions) {
    this.#state = state;
    this.#act = act;
    this.#build();
  }

  /** Nothing is built for what is as it was: an open menu would close under the hand. */
  change(part: Partial<MenuState>): void {
    const next = { ...this.#state, ...part };
    if (JSON.stringify(next) === JSON.stringify(this.#state)) return;
    this.#state = next;
    this.#build();
  }

  #build(): void {
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(this.#state, this.#act)));
  }
}
