import { FailureError } from '../../../shared/contract/failure.ts';
import type { SettingsView } from '../../../shared/domain/settings.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { BackendPorts } from '../ports.ts';
import type { Preferences } from './preferences.ts';

interface SettingsTools {
  readonly preferences: Preferences;
  readonly ports: Pick<BackendPorts, 'paths' | 'showFolder' | 'settings'>;
  /** Settled when what retention removes at the start is removed. */
  readonly swept: Promise<void>;
  readonly changed: (view: SettingsView) => void;
}

/** What a person sets, and where the data lie. The window gets a text to show, and the host opens the folder. */
export function settingsProcedures({ preferences, ports, swept, changed }: SettingsTools): HandlersOf<'settings'> {
  return {
    'settings.get': async () => {
      await swept;
      await ports.settings.refresh();
      return preferences.view;
    },
    'settings.change': async (change) => {
      const view = await preferences.change(change);
      changed(view);
      return view;
    },
    'settings.showPlace': async () => {
      if (ports.showFolder === undefined)
        throw new FailureError({
          code: 'NOT_SUPPORTED',
          what: 'showing folders',
          instead: 'Copy its path and open it in your file manager.',
        });
      await ports.showFolder(ports.paths.data);
      return {};
    },
  };
}
