import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import type { CommandName, HostCommand } from '../../shared/contract/events.ts';
import { assertNever } from '../../shared/domain/assert-never.ts';
import { useChangeSettings, useSettings } from '../settings/use-settings.ts';
import { useDesk } from './backend-context.tsx';

/** What of a menu's commands the screen could do now, and how. */
class Commands {
  readonly #runs = new Map<CommandName, () => void>();
  readonly #changed: (can: CommandName[]) => void;
  #telling = false;

  constructor(changed: (can: CommandName[]) => void) {
    this.#changed = changed;
  }

  add(name: CommandName, run: () => void): () => void {
    this.#runs.set(name, run);
    this.#tell();
    return () => {
      // A screen that has come in its place has its own by now.
      if (this.#runs.get(name) === run) this.#runs.delete(name);
      this.#tell();
    };
  }

  do(name: CommandName): void {
    this.#runs.get(name)?.();
  }

  /** Once for all that changes together, as from one screen to the next. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      this.#changed([...this.#runs.keys()]);
    });
  }
}

const Context = createContext<Commands | null>(null);

/** Keeps the desktop's menu as the screen is. In a browser there is none, and nothing is told. */
export function CommandsProvider({ children }: { readonly children: ReactNode }) {
  const desk = useDesk();
  const { theme } = useSettings();
  const [can, setCan] = useState<CommandName[]>([]);
  const [commands] = useState(() => new Commands(setCan));
  useEffect(() => desk?.ask({ kind: 'listening', can, theme }), [desk, can, theme]);
  return <Context value={commands}>{children}</Context>;
}

/** What a command of the menu does while this is shown; null for what a click could not do now either. */
export function useCommand(name: CommandName, run: (() => void) | null): void {
  const commands = useContext(Context);
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const possible = run !== null;
  useEffect(() => (possible ? commands?.add(name, () => latest.current?.()) : undefined), [commands, name, possible]);
}

type Given = Exclude<HostCommand, { kind: 'do' | 'theme' }>;

/** Listens to the desktop for as long as the window is there; what is not the menu's own is given to `take`. */
export function useHostCommands(take: (command: Given) => void): void {
  const desk = useDesk();
  const commands = useContext(Context);
  const change = useChangeSettings();
  const latest = useRef<(command: HostCommand) => void>(() => undefined);
  useEffect(() => {
    latest.current = (command) => {
      switch (command.kind) {
        case 'do':
          commands?.do(command.name);
          break;
        case 'theme':
          change.mutate({ theme: command.theme });
          break;
        case 'open-source':
        case 'open-mapping':
        case 'files-refused':
        case 'open-load':
          take(command);
          break;
        default:
          assertNever(command);
      }
    };
  });
  useEffect(() => desk?.onCommand((command) => latest.current(command)), [desk]);
}
