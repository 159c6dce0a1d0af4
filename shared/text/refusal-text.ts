/**
 * What a row's error says, without its code before it and the fields after it, which stand beside it: Salesforce writes
 * `CODE:message:Field__c --` (the `sf__Error` of Bulk API 2.0), Longshore `CODE: message`.
 */
export function refusalText(error: string): string {
  return error.replace(/^[A-Z][A-Z_]+: ?/, '').replace(/:[^:]*--$/, '');
}
