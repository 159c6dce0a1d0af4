import { trimStored } from './white-space.ts';

/**
 * Text as it is compared: trimmed as stored, and every line end the same. Salesforce keeps line ends as they were sent, but
 * its pages store CRLF for what a person types (Change Data Capture guide, "Considerations for Newline Characters"), and
 * uploads send LF (`load/write-parts.ts`).
 */
export function canonicalText(text: string): string {
  return trimStored(text).replace(/\r\n?/g, '\n');
}
