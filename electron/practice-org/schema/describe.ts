import type { Profile } from './profile.ts';
import { childFields, childRelationshipName, type Field, type Schema, type SObject } from './schema.ts';

const SOAP_TYPES: Record<string, string> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  long: 'xsd:long',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  time: 'xsd:time',
  address: 'urn:address',
  location: 'urn:location',
  base64: 'xsd:base64Binary',
  anyType: 'xsd:anyType',
};

export interface RecordTypeInfo {
  readonly name: string;
  readonly developerName: string;
  readonly recordTypeId: string;
  readonly defaultRecordTypeMapping: boolean;
  readonly active: boolean;
  readonly master: boolean;
}

function isLong(field: Field): boolean {
  return field.type === 'textarea' && field.length > 255;
}

function fieldDescribe(object: SObject, field: Field, profile: Profile): Record<string, unknown> {
  const compound = field.kind === 'compound';
  const dependent = field.controllerName !== null;
  return {
    aggregatable: !['boolean', 'address', 'location', 'multipicklist', 'base64'].includes(field.type) && !isLong(field),
    aiPredictionField: false,
    autoNumber: field.autoNumber !== null,
    byteLength: field.length * 3,
    calculated: field.formula !== null || field.rollUp !== null,
    calculatedFormula: field.formula,
    cascadeDelete: field.onDelete === 'cascade',
    caseSensitive: field.caseSensitive,
    compoundFieldName: field.compoundFieldName,
    controllerName: field.controllerName,
    createable: profile.mayWrite(object, field, 'create'),
    custom: field.custom,
    defaultValue: field.defaultValue,
    defaultValueFormula: null,
    defaultedOnCreate: field.defaultedOnCreate,
    dependentPicklist: dependent,
    deprecatedAndHidden: false,
    digits: field.digits,
    displayLocationInDecimal: field.type === 'location',
    encrypted: field.type === 'encryptedstring',
    externalId: field.externalId,
    extraTypeInfo: field.compoundFieldName === 'Name' ? 'personname' : isLong(field) ? 'plaintextarea' : null,
    filterable: !compound && !isLong(field),
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: field.formula !== null,
    groupable: !compound && !isLong(field) && !['double', 'currency', 'percent', 'datetime', 'multipicklist', 'time'].includes(field.type),
    highScaleNumber: false,
    htmlFormatted: false,
    idLookup: field.idLookup,
    inlineHelpText: field.help,
    label: field.label,
    length: field.length,
    mask: null,
    maskType: null,
    name: field.name,
    nameField: field.nameField,
    namePointing: field.referenceTo.length > 1,
    nillable: field.nillable,
    permissionable: field.nillable && field.createable,
    picklistValues: field.picklistValues,
    polymorphicForeignKey: field.referenceTo.length > 1,
    precision: field.precision,
    queryByDistance: field.type === 'location',
    referenceTargetField: null,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: field.masterDetail ? 0 : null,
    restrictedDelete: field.onDelete === 'restrict',
    restrictedPicklist: field.restrictedPicklist,
    scale: field.scale,
    searchPrefilterable: field.type === 'reference',
    soapType: SOAP_TYPES[field.type] ?? 'xsd:string',
    sortable: !compound && !isLong(field) && field.type !== 'multipicklist',
    type: field.type,
    unique: field.unique,
    updateable: profile.mayWrite(object, field, 'update'),
    writeRequiresMasterRead: field.masterDetail,
  };
}

/** An entry of describe global (REST API Developer Guide, "Describe Global"). */
export function objectSummary(object: SObject, profile: Profile, version: string): Record<string, unknown> {
  const base = `/services/data/v${version}/sobjects/${object.name}`;
  const stored = !object.event;
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: profile.may(object, 'create'),
    custom: object.custom,
    customSetting: false,
    deepCloneable: false,
    deletable: stored && profile.may(object, 'delete'),
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.labelPlural,
    layoutable: stored && !object.readOnly,
    mergeable: object.mergeable,
    mruEnabled: stored && !object.readOnly,
    name: object.name,
    queryable: stored,
    replicateable: stored,
    retrieveable: stored,
    searchable: object.searchable && stored,
    triggerable: true,
    undeletable: stored && !object.readOnly,
    updateable: stored && profile.may(object, 'edit'),
    urls: { rowTemplate: `${base}/{ID}`, describe: `${base}/describe`, sobject: base },
  };
}

/** The full describe of one object (REST API Developer Guide, "sObject Describe"). */
export function describe(
  schema: Schema,
  object: SObject,
  profile: Profile,
  version: string,
  recordTypes: readonly RecordTypeInfo[],
): Record<string, unknown> {
  const base = `/services/data/v${version}/sobjects/${object.name}`;
  return {
    actionOverrides: [],
    childRelationships: childFields(schema, object).map(({ object: child, field }) => ({
      cascadeDelete: field.onDelete === 'cascade',
      childSObject: child.name,
      deprecatedAndHidden: false,
      field: field.name,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: childRelationshipName(child, field),
      restrictedDelete: field.onDelete === 'restrict',
    })),
    compactLayoutable: true,
    ...objectSummary(object, profile, version),
    fields: object.fields
      .filter((field) => profile.mayRead(object, field))
      .map((field) => fieldDescribe(object, field, profile)),
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypes.map((info) => ({
      active: info.active,
      available: info.active,
      defaultRecordTypeMapping: info.defaultRecordTypeMapping,
      developerName: info.developerName,
      master: info.master,
      name: info.name,
      recordTypeId: info.recordTypeId,
      urls: { layout: `${base}/describe/layouts/${info.recordTypeId}` },
    })),
    searchLayoutable: object.searchable,
    sobjectDescribeOption: 'FULL',
    supportedScopes: [
      { label: `All ${object.labelPlural}`, name: 'everything' },
      { label: `My ${object.labelPlural}`, name: 'mine' },
    ],
    urls: {
      ...(objectSummary(object, profile, version)['urls'] as object),
      defaultValues: `${base}/defaultValues?recordTypeId&fields`,
      describe: `${base}/describe`,
      sobject: base,
    },
  };
}
