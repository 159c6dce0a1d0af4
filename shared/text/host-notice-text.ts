import { assertNever } from '../domain/assert-never.ts';
import type { HostNotice } from '../domain/host-notice.ts';
import { reasonText } from './reason-text.ts';

export function hostNoticeText(notice: HostNotice): string {
  switch (notice.code) {
    case 'SETTINGS_DAMAGED':
      return `The settings could not be read. They were kept as “${notice.keptAs}”, and Longshore started with new ones. Sign in again. Your loads are still here.`;
    case 'SETTINGS_UNREADABLE':
      return `The settings can’t be read (${reasonText(notice.reason)}). Longshore works without them and doesn’t change their file.`;
    case 'SETTINGS_NOT_SAVED':
      return `Settings can’t be saved (${reasonText(notice.reason)}). Orgs, mappings, and recent files from this session are forgotten when you quit Longshore.`;
    case 'DATA_MOVED':
      return `Data of an earlier version moved from ${notice.from} to ${notice.to}. The window, the browser, and the command line now share it.`;
    case 'DATA_NOT_MOVED':
      return `Data of an earlier version in ${notice.from} could not be moved (${reasonText(notice.reason)}). It is still there. Longshore tries again at the next start.`;
    case 'LOG_ELSEWHERE':
      return `The log can’t be written to the data folder (${reasonText(notice.reason)}). It is written to ${notice.place} instead.`;
    case 'KEYCHAIN_BACK':
      return 'This computer’s keychain is responding again. Your sign-ins are saved there now, so you don’t need to sign in again after a restart.';
    case 'LOG_NOT_WRITTEN':
      return `The log can’t be written (${reasonText(notice.reason)}).`;
    default:
      return assertNever(notice);
  }
}
