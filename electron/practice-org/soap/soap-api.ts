import { ApiError } from '../http/api-error.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import { buildXml, element, elements, parseXml, textAt, textOf, textsAt, type XmlElement } from '../http/xml.ts';
import type { Org } from '../org.ts';
import type { OAuthServer } from '../auth/oauth.ts';
import { deleteRecord, purgeRecord, undeleteRecord } from '../records/delete-records.ts';
import { ORG_ID, type Session } from '../records/org-data.ts';
import type { RecordTable } from '../records/record-store.ts';
import { refuse, type SaveError, type SaveResult } from '../records/save-error.ts';
import { attempt, existingById, saveRecord, upsertRecord, type SaveContext } from '../records/save-record.ts';
import { readCells, resolveColumn } from '../records/read-values.ts';
import { ID } from '../schema/schema.ts';
import type { AssignedValues } from '../records/assigned-values.ts';
import {
  duplicateHeader,
  duplicateResult,
  findDuplicates,
  findDuplicatesByIds,
  type DuplicateHeader,
} from './soap-duplicates.ts';
import { mergeAll } from './soap-merge.ts';

const PARTNER = 'urn:partner.soap.sforce.com';
const ENTERPRISE = 'urn:enterprise.soap.sforce.com';

/** SOAP faults come with status 500; jsforce reads the code behind the prefix. */
function fault(code: string, message: string, namespace: string): Answer {
  return {
    status: 500,
    headers: { 'Content-Type': 'text/xml;charset=UTF-8' },
    body: buildXml({
      'soapenv:Envelope': {
        '@xmlns:soapenv': 'http://schemas.xmlsoap.org/soap/envelope/',
        '@xmlns:sf': namespace.replace('urn:', 'urn:fault.'),
        'soapenv:Body': { 'soapenv:Fault': { faultcode: `sf:${code}`, faultstring: `${code}: ${message}` } },
      },
    }),
  };
}

function reply(method: string, result: unknown, namespace: string): Answer {
  return {
    status: 200,
    headers: { 'Content-Type': 'text/xml;charset=UTF-8' },
    body: buildXml({
      'soapenv:Envelope': {
        '@xmlns:soapenv': 'http://schemas.xmlsoap.org/soap/envelope/',
        '@xmlns': namespace,
        '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
        '@xmlns:sf': 'urn:sobject.partner.soap.sforce.com',
        'soapenv:Body': { [`${method}Response`]: result === undefined ? {} : { result } },
      },
    }),
  };
}

function errorsOf(errors: readonly SaveError[]): object[] {
  return errors.map(({ statusCode, message, fields, duplicates }) => ({
    ...(duplicates ? { '@xsi:type': 'DuplicateError' } : {}),
    fields,
    message,
    statusCode,
    ...(duplicates ? { duplicateResult: duplicateResult(duplicates, false) } : {}),
  }));
}

function saveResult(result: SaveResult, withCreated = false): object {
  return result.success
    ? { ...(withCreated ? { created: result.created } : {}), id: result.id, success: true }
    : {
        ...(withCreated ? { created: false } : {}),
        errors: errorsOf(result.errors),
        id: { '@xsi:nil': 'true' },
        success: false,
      };
}

/** An sObject element: its type, its id and its values. Throws `Refused` for a value its field cannot take. */
export interface SObjectInput {
  readonly table: RecordTable;
  readonly id: string;
  readonly read: () => AssignedValues;
}

/** The SOAP calls a loader needs: sessions, duplicates, merge, the recycle bin, and records (SOAP API Developer Guide). */
export class SoapApi {
  readonly #org: Org;
  readonly #oauth: OAuthServer;

  constructor(org: Org, oauth: OAuthServer) {
    this.#org = org;
    this.#oauth = oauth;
  }

  /** `/services/Soap/u/XX.X` and `/c/XX.X`. */
  handle(exchange: Exchange, flavour: 'u' | 'c', version: string): Answer {
    const namespace = flavour === 'u' ? PARTNER : ENTERPRISE;
    try {
      const envelope = element(parseXml(exchange.body), 'Envelope');
      const body = element(envelope ?? {}, 'Body');
      const method = Object.keys(body ?? {}).find((name) => !/^[@#]/.test(name));
      if (!envelope || !body || method === undefined)
        return fault('UNKNOWN_EXCEPTION', 'the request has no call in its body', namespace);
      const call = element(body, method) ?? {};
      if (method === 'login') return this.#login(call, exchange, flavour, version, namespace);
      const header = element(envelope, 'Header') ?? {};
      const token = textAt(element(header, 'SessionHeader') ?? {}, 'sessionId');
      const session = this.#oauth.sessionOf(token ?? undefined);
      if (!session || token === null)
        return fault(
          'INVALID_SESSION_ID',
          'Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key: ',
          namespace,
        );
      this.#org.used.requests++;
      return this.#call(method, call, session, token, version, duplicateHeader(header), namespace);
    } catch (error) {
      if (error instanceof ApiError)
        return fault(error.errorCode === 'InvalidXML' ? 'INVALID_XML' : error.errorCode, error.message, namespace);
      throw error;
    }
  }

  #login(call: XmlElement, exchange: Exchange, flavour: 'u' | 'c', version: string, namespace: string): Answer {
    const session = this.#oauth.passwordSession(textAt(call, 'username') ?? '', textAt(call, 'password') ?? '');
    if (!session)
      return fault('INVALID_LOGIN', 'Invalid username, password, security token; or user locked out.', namespace);
    const sessionId = this.#oauth.issueAccessToken(session);
    return reply(
      'login',
      {
        metadataServerUrl: `${exchange.origin}/services/Soap/m/${version}/${ORG_ID}`,
        passwordExpired: false,
        sandbox: false,
        serverUrl: `${exchange.origin}/services/Soap/${flavour}/${version}/${ORG_ID}`,
        sessionId,
        userId: session.userId,
        userInfo: this.#userInfo(session),
      },
      namespace,
    );
  }

  #call(
    method: string,
    call: XmlElement,
    session: Session,
    token: string,
    version: string,
    duplicates: DuplicateHeader,
    namespace: string,
  ): Answer {
    const options = { origin: `com/salesforce/api/soap/${version}`, allowDuplicates: duplicates.allowSave };
    const each = (items: readonly ((context: SaveContext) => SaveResult)[], withCreated = false): Answer =>
      reply(
        method,
        this.#org.saves(session, options, (context) => items.map((item) => saveResult(item(context), withCreated))),
        namespace,
      );
    switch (method) {
      case 'logout':
        this.#oauth.revoke(token);
        return reply(method, undefined, namespace);
      case 'getServerTimestamp':
        return reply(method, { timestamp: new Date(this.#org.data.now()).toISOString() }, namespace);
      case 'getUserInfo':
        return reply(method, this.#userInfo(session), namespace);
      case 'create':
        return each(
          elements(call, 'sObjects').map((node) => {
            const input = this.#sObject(node);
            return (context) => attempt(null, () => saveRecord(context, input.table, input.read(), null));
          }),
        );
      case 'update':
        return each(
          elements(call, 'sObjects').map((node) => {
            const input = this.#sObject(node);
            return (context) =>
              attempt(input.id, () => {
                if (input.id === '') refuse('MISSING_ARGUMENT', 'Id not specified in an update call');
                return saveRecord(context, input.table, input.read(), existingById(input.table, input.id));
              });
          }),
        );
      case 'upsert': {
        const name = textAt(call, 'externalIDFieldName') ?? 'Id';
        const seen = new Set<string>();
        return each(
          elements(call, 'sObjects').map((node) => {
            const input = this.#sObject(node);
            const field = input.table.field(name);
            if (!field || !(field.idLookup || field.type === 'id'))
              throw new ApiError(500, 'INVALID_FIELD', `Field name provided, ${name} does not match an External ID`);
            return (context) =>
              attempt(null, () => {
                const values = input.read();
                const key = field.type === 'id' ? input.id : String(values.get(field) ?? '');
                return upsertRecord(context, input.table, field, key, values, seen);
              });
          }),
          true,
        );
      }
      case 'delete':
        return each(
          textsAt(call, 'ids').map(
            (id) => (context) =>
              attempt(id, () => {
                const table = this.#org.data.store.tableOfId(id);
                if (!table) refuse('MALFORMED_ID', `malformed id ${id}`);
                return deleteRecord(context, table, id);
              }),
          ),
        );
      case 'undelete':
        return each(textsAt(call, 'ids').map((id) => (context) => attempt(id, () => undeleteRecord(context, id))));
      case 'emptyRecycleBin':
        return each(textsAt(call, 'ids').map((id) => (context) => attempt(id, () => purgeRecord(context, id))));
      case 'merge':
        return reply(
          method,
          mergeAll(this.#org, session, options, call, this.#sObject.bind(this), errorsOf),
          namespace,
        );
      case 'findDuplicates':
        return reply(
          method,
          findDuplicates(this.#org, call, (node) => this.#sObject(node).table, duplicates),
          namespace,
        );
      case 'findDuplicatesByIds':
        return reply(method, findDuplicatesByIds(this.#org, call, duplicates), namespace);
      default:
        return fault('UNKNOWN_EXCEPTION', `the practice org does not simulate the call ${method}`, namespace);
    }
  }

  #userInfo(session: Session): object {
    const users = this.#org.data.store.table('User');
    const value = (name: string): string => String(session.user[users?.field(name)?.slot ?? ID] ?? '');
    return {
      accessibilityMode: false,
      currencySymbol: '$',
      orgAttachmentFileSizeLimit: 26_214_400,
      orgDefaultCurrencyIsoCode: 'USD',
      orgDisallowHtmlAttachments: false,
      orgHasPersonAccounts: this.#org.data.store.table('Account')?.field('IsPersonAccount') !== undefined,
      organizationId: ORG_ID,
      organizationMultiCurrency: this.#org.data.store.table('CurrencyType') !== undefined,
      organizationName: 'Practice org',
      profileId: value('ProfileId'),
      roleId: { '@xsi:nil': 'true' },
      sessionSecondsValid: 7200,
      userDefaultCurrencyIsoCode: { '@xsi:nil': 'true' },
      userEmail: value('Email'),
      userFullName: value('Name'),
      userId: session.userId,
      userLanguage: 'en_US',
      userLocale: 'en_US',
      userName: session.username,
      userTimeZone: 'Etc/UTC',
      userType: 'Standard',
      userUiSkin: 'Theme3',
    };
  }

  #sObject(node: XmlElement): SObjectInput {
    const type = textAt(node, 'type') ?? (typeof node['@type'] === 'string' ? node['@type'].replace(/^\w+:/, '') : '');
    const { store } = this.#org.data;
    const table = store.table(type);
    if (!table) throw new ApiError(500, 'INVALID_TYPE', `sObject type '${type}' is not supported.`);
    const read = (): AssignedValues => {
      const header: string[] = [];
      const cells: string[] = [];
      for (const name of Object.keys(node)) {
        if (/^[@#]/.test(name) || name === 'type' || name === 'fieldsToNull' || name === 'Id') continue;
        const child = element(node, name) ?? {};
        const related = Object.keys(child).filter((key) => !/^[@#]/.test(key) && key !== 'type');
        if (related[0] !== undefined) {
          header.push(`${name}.${related[0]}`);
          cells.push(textAt(child, related[0]) ?? '');
        } else {
          header.push(name);
          cells.push(textOf(child));
        }
      }
      for (const name of textsAt(node, 'fieldsToNull')) {
        header.push(name);
        cells.push('#N/A');
      }
      const targets = header.map((name) => {
        const target = resolveColumn(store, table, name);
        if (!target)
          refuse(
            'INVALID_FIELD',
            `No such column '${name}' on entity '${table.object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
          );
        return target;
      });
      return readCells(targets, cells);
    };
    return { table, id: textAt(node, 'Id') ?? '', read };
  }
}
