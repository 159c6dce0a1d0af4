import type { MappingTarget } from '../../../../shared/domain/field-mapping.ts';
import { checkbox, date, email, number, oneOf, parent, text, weight, type CellKind } from './cells.ts';

export interface Column {
  readonly header: string;
  /** Where the value is read in the org: a field, or a parent's field through a relationship. */
  readonly path: string;
  readonly target: MappingTarget;
  readonly cell: CellKind;
}

/** An object of the practice org with a mapping that exercises it. */
export interface Table {
  readonly objectName: string;
  readonly keyField: string;
  readonly keyCaseSensitive: boolean;
  /** A text field that every row fills with a name of its own, by which a stray record is told; null where there is none. */
  readonly markerField: string | null;
  readonly columns: readonly Column[];
  /** What a record made for a sequence holds besides, by REST. */
  readonly seed: Readonly<Record<string, unknown>>;
  /** The lookup that such a record fills with the first parent. */
  readonly seedParent: string | null;
  /** Cells, in the order of the columns, that say what such a record holds already. */
  readonly seedCells: readonly string[];
}

function field(name: string, cell: CellKind): Column {
  return { header: name, path: name, target: { kind: 'field', field: name }, cell };
}

function lookup(name: string, relationshipName: string, required = false, polymorphic = false): Column {
  const header = `${polymorphic ? 'Account:' : ''}${relationshipName}.ERP_Id__c`;
  return {
    header,
    // Of a polymorphic parent only the id can be read without TYPEOF.
    path: polymorphic ? name : `${relationshipName}.ERP_Id__c`,
    target: {
      kind: 'lookup',
      field: name,
      relationshipName,
      parentObject: 'Account',
      parentField: 'ERP_Id__c',
      polymorphic,
    },
    cell: parent(required),
  };
}

export const TABLES = {
  deals: {
    objectName: 'Opportunity',
    keyField: 'Deal_Key__c',
    keyCaseSensitive: false,
    markerField: 'Name',
    columns: [
      field('StageName', oneOf('Prospecting', 'Closed Won', 'Qualification')),
      field('CloseDate', oneOf('2026-05-05', '2027-01-31')),
      field('Amount', number(16, 2)),
      field('NextStep', text(255)),
      field('Description', text(32_000)),
      field('IsPrivate', checkbox),
    ],
    seed: { StageName: 'Prospecting', CloseDate: '2026-01-01', Amount: 12.5, NextStep: 'call' },
    seedParent: null,
    seedCells: ['Prospecting', '2026-01-01', '12.50', 'call', '', 'false'],
  },
  berths: {
    objectName: 'Berth__c',
    keyField: 'Berth_Code__c',
    keyCaseSensitive: false,
    markerField: 'Name',
    columns: [
      field('Depth__c', number(3, 2)),
      field('Opened_On__c', date),
      field('Crane__c', checkbox),
      field('Contact_Email__c', email),
      lookup('Operator__c', 'Operator__r'),
    ],
    seed: { Depth__c: 10, Crane__c: true, Contact_Email__c: 'old@b.example' },
    seedParent: 'Operator__c',
    seedCells: ['10.0', '', 'yes', 'OLD@b.example', 'par-one'],
  },
  contacts: {
    objectName: 'Contact',
    keyField: 'External_Id__c',
    keyCaseSensitive: true,
    markerField: 'LastName',
    columns: [
      field('Description', text(32_000)),
      field('Email', email),
      field('HasOptedOutOfEmail', checkbox),
      lookup('AccountId', 'Account'),
    ],
    seed: { Description: 'before', Email: 'before@b.example' },
    seedParent: null,
    seedCells: [' before', 'before@b.example', 'false', ''],
  },
  shipments: {
    objectName: 'Shipment__c',
    keyField: 'Tracking_Code__c',
    keyCaseSensitive: true,
    markerField: 'Notes__c',
    columns: [lookup('Account__c', 'Account__r', true), field('Weight__c', weight), field('Arrives_On__c', date)],
    seed: { Weight__c: 1 },
    seedParent: 'Account__c',
    seedCells: ['PAR-One', '1', ''],
  },
  /** One mapped column, blanks and all: what is sent of a blank row is a blank line. */
  tickets: {
    objectName: 'Case',
    keyField: 'Ticket_Key__c',
    keyCaseSensitive: false,
    markerField: null,
    columns: [field('Subject', text(255))],
    seed: { Subject: 'before' },
    seedParent: null,
    seedCells: ['before'],
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof TABLES;
