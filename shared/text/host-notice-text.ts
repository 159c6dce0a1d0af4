import { assertNever } from '../domain/assert-never.ts';
import type { HostNotice } from '../domain/host-notice.ts';
import { reasonText } from './reason-text.ts';

export function hostNoticeText(notice: HostNotice): string {
  switch (notice.code) {
    case 'SETTINGS_DAMAGED':
      return `The settings could not be read and were kept aside as “${notice.keptAs}”; Longshore began with new ones. Sign in again; your loads are all there.`;
    case 'SETTINGS_UNREADABLE':
      return `The settings can’t be read (${reasonText(notice.reason)}). Longshore works without them and leaves their file as it is.`;
    case 'SETTINGS_NOT_SAVED':
      return `Settings can’t be saved (${reasonText(notice.reason)}): orgs, mappings and recent files of this session are forgotten when Longshore ends.`;
    case 'DATA_MOVED':
      return `What an earlier version kept in ${notice.from} is now in ${notice.to}, where the window, the browser and the command line all find it.`;
    case 'DATA_NOT_MOVED':
      return `What an earlier version kept in ${notice.from} could not be moved (${reasonText(notice.reason)}). It is all still there, and is moved at the next start.`;
    case 'LOG_ELSEWHERE':
      return `The log can’t be written in the data folder (${reasonText(notice.reason)}); it is ${notice.place}.`;
    case 'KEYCHAIN_BACK':
      return 'This computer’s keychain answers now: what you signed in to meanwhile is kept there, and needs no sign-in after a restart.';
    case 'LOG_NOT_WRITTEN':
      return `The log can’t be written (${reasonText(notice.reason)}).`;
    default:
      return assertNever(notice);
  }
}
