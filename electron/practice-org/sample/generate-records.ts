import { dateTimeText } from '../records/field-values.ts';
import { ORG_ID, type OrgData } from '../records/org-data.ts';
import { makeId } from '../records/record-ids.ts';
import { idOf, type RecordTable, type Stored, type StoredRecord } from '../records/record-store.ts';
import { flushRollUps, noteRollUps, type DirtyMasters } from '../records/roll-ups.ts';
import { displayNumber, nameFromParts } from '../records/save-record.ts';
import {
  CREATED_BY,
  CREATED_DATE,
  ID,
  MODIFIED_BY,
  MODIFIED_DATE,
  MODSTAMP,
  type Field,
  type SObject,
} from '../schema/schema.ts';
import { RULE_OBJECTS, writeRuleRecords } from './duplicate-rule-records.ts';
import { pickWith, seededRandom } from './random.ts';
import { isoDay, phoneOf, sampleAccount, sampleCompany, type SampleCompany } from './sample-company.ts';
import words from './words.json' with { type: 'json' };

const ORG_EPOCH = Date.UTC(2026, 0, 5, 8);

type Values = Record<string, Stored>;

/** Puts records straight into the store: sample data is what was there before anybody's load. */
class Generator {
  readonly data: OrgData;
  readonly random: () => number;
  readonly pick: ReturnType<typeof pickWith>;
  owners: string[] = [];
  readonly #dirty: DirtyMasters = new Map();

  constructor(data: OrgData, seed: number) {
    this.data = data;
    this.random = seededRandom(seed);
    this.pick = pickWith(this.random);
  }

  table(name: string): RecordTable {
    const table = this.data.store.table(name);
    if (!table) throw new Error(`the schema has no ${name}`);
    return table;
  }

  add(objectName: string, values: Values): StoredRecord {
    const table = this.table(objectName);
    const rules = this.data.rules(table);
    const record = rules.template.slice();
    record[ID] = typeof values['Id'] === 'string' ? values['Id'] : table.nextId();
    const created = dateTimeText(ORG_EPOCH + Math.floor(this.random() * 200) * 86_400_000);
    const owner = this.owners.length > 0 ? this.pick(this.owners) : (record[ID] ?? null);
    if (rules.owner) record[rules.owner.slot] = owner;
    for (const slot of [CREATED_DATE, MODIFIED_DATE, MODSTAMP]) record[slot] = created;
    for (const slot of [CREATED_BY, MODIFIED_BY]) record[slot] = owner;
    for (const field of rules.autoNumbers) record[field.slot] = displayNumber(field.autoNumber ?? '', table.counter);
    for (const [name, value] of Object.entries(values)) {
      const field = table.field(name);
      if (field) record[field.slot] = value;
    }
    if (table.object.personName) nameFromParts(table, record);
    this.data.store.put(table, record);
    noteRollUps(this.#dirty, rules, null, record);
    return record;
  }

  finish(): void {
    flushRollUps(this.data, this.#dirty, ORG_EPOCH + 200 * 86_400_000);
  }

  options(objectName: string, field: string): string[] {
    return (
      this.table(objectName)
        .field(field)
        ?.picklistValues.map((entry) => entry.value) ?? []
    );
  }

  email(first: string, last: string, n: number, company: SampleCompany): string {
    return `${first}.${last}.${n}@${company.domain}`
      .toLowerCase()
      .normalize('NFD')
      .replace(/[^\w.@-]/g, '');
  }
}

/** Fills an org with `accounts` accounts and what goes with them; the same for the same seed, on every machine. */
export function generateRecords(data: OrgData, accounts: number, seed: number): void {
  const generator = new Generator(data, seed);
  addSetup(generator);
  for (let n = 1; n <= accounts; n++) addCompany(generator, n);
  addExtras(generator, accounts);
  for (const object of data.schema.values()) {
    for (let n = 1; n <= object.sampleRecords; n++)
      generator.add(object.name, plainValues(generator, object.fields, n));
  }
  // After everything else: a seed gives the same company as before there were these.
  for (const object of data.schema.values()) if (RULE_OBJECTS.has(object.name)) addDefinition(generator, object);
  writeRuleRecords(data);
  generator.finish();
}

function addCompany(generator: Generator, n: number): void {
  const { random, pick } = generator;
  const company = sampleCompany(n);
  const [city, , , country] = company.city;
  const account = idOf(generator.add('Account', sampleAccount(n)));
  if (n % 2 === 0) {
    const [first, last] = [pick(words.firstNames), pick(words.lastNames)];
    generator.add('Contact', {
      FirstName: first,
      LastName: last,
      External_Id__c: `CT-${n}`,
      AccountId: account,
      Title: pick(words.titles),
      Email: generator.email(first, last, n, company),
      Phone: phoneOf(random, company),
      MailingCity: city,
      MailingCountry: country,
      Birthdate: isoDay(random, 1960, 40),
      Level__c: pick(['Primary', 'Secondary', null]),
    });
  }
  if (n % 5 === 0) {
    generator.add('Opportunity', {
      Name: `${company.name} – ${pick(words.deals)}`,
      AccountId: account,
      Deal_Key__c: `D-${n}`,
      StageName: pick(generator.options('Opportunity', 'StageName')),
      CloseDate: isoDay(random, 2026, 2),
      Amount: Math.round(random() * 4000) * 250,
      Probability: 10 * Math.floor(random() * 10),
    });
    generator.add('Shipment__c', {
      Tracking_Code__c: `TRK${n}`,
      Account__c: account,
      Carrier__c: 'Road',
      Service__c: pick(['Express', 'Standard']),
      Status__c: pick(generator.options('Shipment__c', 'Status__c')),
      Weight__c: Math.round(random() * 9_000_000) / 1000,
      Pieces__c: 1 + Math.floor(random() * 80),
      Arrives_On__c: isoDay(random, 2026, 1),
    });
  }
  if (n % 6 === 0) {
    const [first, last] = [pick(words.firstNames), pick(words.lastNames)];
    generator.add('Lead', {
      FirstName: first,
      LastName: last,
      Company: `${pick(words.companyStems)} ${pick(words.trades)}`,
      Lead_Key__c: `L-${n}`,
      Email: `lead${n}@${company.domain}`,
      LeadSource: 'Web',
    });
    generator.add('Case', {
      Subject: pick(words.subjects),
      AccountId: account,
      Ticket_Key__c: `T-${n}`,
      Priority: pick(['High', 'Medium', 'Low']),
    });
  }
  if (n % 50 === 0) {
    generator.add('Berth__c', {
      Name: `Berth ${n / 50}`,
      Berth_Code__c: `B-${n / 50}`,
      Port_Code__c: pick(['DEHAM', 'NLRTM', 'USOAK']),
      Operator__c: account,
      Depth__c: 8 + Math.floor(random() * 900) / 100,
      Opened_On__c: isoDay(random, 1980, 40),
      Position__Latitude__s: Math.round(random() * 60_000_000) / 1_000_000,
      Position__Longitude__s: Math.round(random() * 120_000_000) / 1_000_000,
    });
  }
}

/** What hangs between the companies: hierarchies, details, activities, and the dirt and doubles of a grown org. */
function addExtras(generator: Generator, accounts: number): void {
  const { data, random, pick } = generator;
  const accountTable = generator.table('Account');
  const parent = accountTable.field('ParentId');
  const ids = [...accountTable.records.keys()];
  const at = (n: number): string | null => ids[n - 1] ?? null;
  if (parent) {
    // Every seventh company belongs to the one seven before, in groups of up to four levels.
    for (let n = 14; n <= accounts; n += 7) {
      if ((n / 7) % 4 === 1) continue;
      const record = accountTable.records.get(at(n) ?? '')?.slice();
      if (!record) continue;
      record[parent.slot] = at(n - 7);
      data.store.put(accountTable, record);
    }
  }
  const book = idOf(generator.add('Pricebook2', { Name: 'Standard Price Book', IsActive: true, IsStandard: true }));
  const entries = words.products.map((name, index) => {
    const product = idOf(
      generator.add('Product2', {
        Name: name,
        ProductCode: `P-${index + 1}`,
        Sku__c: `SKU-${1000 + index}`,
        IsActive: true,
        Family: pick(generator.options('Product2', 'Family')),
      }),
    );
    const price = 10 + Math.round(random() * 9000) / 10;
    return {
      product,
      price,
      entry: idOf(
        generator.add('PricebookEntry', { Pricebook2Id: book, Product2Id: product, UnitPrice: price, IsActive: true }),
      ),
    };
  });
  const campaigns = ['Autumn mailing', 'Port open day', 'Cold chain webinar'].map((name, index) =>
    idOf(
      generator.add('Campaign', {
        Name: name,
        Campaign_Code__c: `C-${index + 1}`,
        Type: pick(['Email', 'Conference', 'Webinar']),
        Status: 'In Progress',
        IsActive: true,
        StartDate: isoDay(random, 2026, 1),
      }),
    ),
  );
  const opportunities = [...generator.table('Opportunity').records.keys()];
  opportunities.forEach((opportunity, index) => {
    if (index % 3 !== 0) return;
    const { entry, price } = pick(entries);
    generator.add('OpportunityLineItem', {
      OpportunityId: opportunity,
      PricebookEntryId: entry,
      Quantity: 1 + Math.floor(random() * 20),
      UnitPrice: price,
    });
  });
  const shipments = [...generator.table('Shipment__c').records.keys()];
  const berths = [...generator.table('Berth__c').records.keys()];
  shipments.forEach((shipment, index) => {
    for (let line = 1; line <= index % 3; line++)
      generator.add('Shipment_Line__c', {
        Shipment__c: shipment,
        Line_Key__c: `TRK${index + 1}-${line}`,
        Product__c: pick(entries).product,
        Description__c: pick(words.products),
        Weight__c: Math.round(random() * 900_000) / 1000,
        Dangerous__c: random() < 0.1,
      });
    const berth = berths[index % Math.max(1, berths.length)];
    if (index % 4 === 0 && berth !== undefined) {
      const arrived = ORG_EPOCH + Math.floor(random() * 200 * 24) * 3_600_000;
      generator.add('Port_Call__c', {
        Berth__c: berth,
        Shipment__c: shipment,
        Call_Key__c: `PC-${index + 1}`,
        Arrived__c: dateTimeText(arrived),
        Left__c: dateTimeText(arrived + Math.floor(4 + random() * 60) * 3_600_000),
      });
    }
  });
  const contacts = [...generator.table('Contact').records.values()];
  const account = generator.table('Contact').field('AccountId') as Field;
  contacts.forEach((contact, index) => {
    if (index % 8 === 0)
      generator.add('CampaignMember', {
        CampaignId: pick(campaigns),
        ContactId: idOf(contact),
        Status: pick(['Sent', 'Responded']),
      });
    if (index % 6 === 0)
      generator.add('Task', {
        WhoId: idOf(contact),
        WhatId: contact[account.slot] ?? null,
        AccountId: contact[account.slot] ?? null,
        Subject: pick(['Call', 'Send Quote']),
        ActivityDate: isoDay(random, 2026, 1),
        Activity_Key__c: `A-${index}`,
      });
    if (index % 15 === 0)
      generator.add('Event', {
        WhoId: idOf(contact),
        WhatId: contact[account.slot] ?? null,
        Subject: 'Meeting',
        StartDateTime: `${isoDay(random, 2026, 1)}T10:00:00.000Z`,
        DurationInMinutes: 60,
      });
  });
  for (let n = 20; n <= accounts; n += 20) {
    generator.add('Asset', {
      Name: `Container ${n}`,
      AccountId: at(n),
      Asset_Tag__c: `AS-${n}`,
      Status: pick(['Installed', 'Shipped']),
      Product2Id: pick(entries).product,
    });
    generator.add('Contract', {
      AccountId: at(n),
      Contract_Key__c: `K-${n}`,
      Status: 'Draft',
      StartDate: isoDay(random, 2026, 1),
      ContractTerm: pick([6, 12, 24]),
    });
  }
  // Grown orgs have people twice, shouted names, stray spaces and phone numbers in every form.
  for (let n = 12; n <= accounts; n += 24) {
    const contact = contacts[n / 2 - 1];
    if (!contact) continue;
    const value = (name: string): Stored => contact[generator.table('Contact').field(name)?.slot ?? ID] ?? null;
    generator.add('Contact', {
      FirstName: n % 48 === 0 ? null : String(value('FirstName')),
      LastName: n % 36 === 0 ? String(value('LastName')).toUpperCase() : String(value('LastName')),
      AccountId: value('AccountId'),
      Email: n % 72 === 0 ? null : value('Email'),
      Phone: String(value('Phone')).replace(/\D/g, ''),
      MailingCity: String(value('MailingCity')).toLowerCase(),
    });
  }
}

/** What `EntityDefinition`, `FieldDefinition` and `RecordType` say of an object. */
function addDefinition(generator: Generator, object: SObject): void {
  const { data } = generator;
  for (const type of data.recordTypes(object)) {
    if (!type.master)
      generator.add('RecordType', {
        Id: type.recordTypeId,
        Name: type.name,
        DeveloperName: type.developerName,
        SobjectType: object.name,
        IsActive: type.active,
      });
  }
  const definition = idOf(
    generator.add('EntityDefinition', {
      QualifiedApiName: object.name,
      DeveloperName: object.name.replace(/__\w$/, ''),
      Label: object.label,
      PluralLabel: object.labelPlural,
      KeyPrefix: object.keyPrefix,
      DurableId: object.name,
      IsCustomizable: !object.readOnly,
      IsQueryable: !object.event,
      IsTriggerable: !object.readOnly,
    }),
  );
  for (const field of object.fields)
    generator.add('FieldDefinition', {
      EntityDefinitionId: definition,
      QualifiedApiName: field.name,
      DeveloperName: field.name.replace(/__\w$/, ''),
      Label: field.label,
      DataType: field.type,
      DurableId: `${object.name}.${field.name}`,
      IsNillable: field.nillable,
      Length: field.length,
    });
}

/** The org's own records: its users, profiles, queues and record types, and what EntityDefinition says of its objects. */
function addSetup(generator: Generator): void {
  const { data } = generator;
  const { file } = data;
  const profiles = new Map(
    file.profiles.map((profile) => [profile.name, makeId('00e', file.profiles.indexOf(profile) + 1)]),
  );
  const users = file.users.map((user) =>
    idOf(
      generator.add('User', {
        Username: user.username,
        FirstName: user.firstName,
        LastName: user.lastName,
        Email: user.username,
        Alias: user.alias,
        CommunityNickname: user.alias,
        IsActive: user.active,
        FederationIdentifier: user.federationId ?? null,
        ProfileId: profiles.get(user.profile) ?? null,
        UserType: 'Standard',
        TimeZoneSidKey: 'Etc/UTC',
        LocaleSidKey: 'en_US',
        LanguageLocaleKey: 'en_US',
        EmailEncodingKey: 'UTF-8',
      }),
    ),
  );
  generator.owners = users.filter((_id, index) => file.users[index]?.owns);
  for (const profile of file.profiles)
    generator.add('Profile', { Id: profiles.get(profile.name) ?? null, Name: profile.name, UserType: 'Standard' });
  for (const { name, developerName, objects } of file.queues) {
    const queue = idOf(generator.add('Group', { Name: name, DeveloperName: developerName, Type: 'Queue' }));
    for (const object of objects) generator.add('QueueSobject', { QueueId: queue, SobjectType: object });
  }
  for (const { name, developerName } of file.groups)
    generator.add('Group', { Name: name, DeveloperName: developerName, Type: 'Regular' });
  for (const { name, object, active } of file.assignmentRules)
    generator.add('AssignmentRule', { Name: name, SobjectType: object, Active: active });
  for (const object of data.schema.values()) if (!RULE_OBJECTS.has(object.name)) addDefinition(generator, object);
  generator.add('Organization', {
    Id: ORG_ID,
    Name: 'Practice org',
    IsSandbox: false,
    OrganizationType: 'Developer Edition',
    InstanceName: 'PR0',
    LanguageLocaleKey: 'en_US',
    DefaultLocaleSidKey: 'en_US',
    TimeZoneSidKey: 'Etc/UTC',
    FiscalYearStartMonth: 1,
  });
  if (data.store.table('CurrencyType')) {
    const rates: [string, number, number][] = [
      ['USD', 1, 2],
      ['EUR', 0.92, 2],
      ['GBP', 0.79, 2],
      ['JPY', 151.3, 0],
    ];
    for (const [IsoCode, ConversionRate, DecimalPlaces] of rates)
      generator.add('CurrencyType', {
        IsoCode,
        ConversionRate,
        DecimalPlaces,
        IsActive: true,
        IsCorporate: IsoCode === 'USD',
      });
  }
}

/** Believable values for an object from a `--schema` file, by the type and the name of its fields. */
function plainValues(generator: Generator, fields: readonly Field[], n: number): Values {
  const { data, random, pick } = generator;
  const company = sampleCompany(n);
  const values: Values = {};
  for (const field of fields) {
    if (!field.createable || field.slot === ID) continue;
    const required = !field.nillable && !field.defaultedOnCreate;
    if (!required && !field.externalId && random() < 0.15) continue;
    const cut = (text: string): string => (field.length > 0 ? text.slice(0, field.length) : text);
    switch (field.type) {
      case 'boolean':
        values[field.name] = random() < 0.5;
        break;
      case 'int':
      case 'long':
        values[field.name] = Math.floor(random() * 100);
        break;
      case 'double':
      case 'currency':
      case 'percent':
        values[field.name] = Number(
          (random() * Math.min(1000, 10 ** ((field.precision || 6) - field.scale) - 1)).toFixed(field.scale),
        );
        break;
      case 'date':
        values[field.name] = isoDay(random, 2020, 6);
        break;
      case 'datetime':
        values[field.name] = `${isoDay(random, 2020, 6)}T08:00:00.000Z`;
        break;
      case 'time':
        values[field.name] = '08:00:00.000Z';
        break;
      case 'email':
        values[field.name] = cut(`contact.${n}@${company.domain}`);
        break;
      case 'phone':
        values[field.name] = cut(phoneOf(random, company));
        break;
      case 'url':
        values[field.name] = cut(`https://www.${company.domain}`);
        break;
      case 'picklist':
      case 'multipicklist':
        if (field.picklistValues.length > 0) values[field.name] = pick(field.picklistValues).value;
        break;
      case 'reference': {
        const targets = [...(data.store.table(field.referenceTo[0] ?? '')?.records.keys() ?? [])];
        if (targets.length > 0) values[field.name] = pick(targets);
        break;
      }
      default:
        values[field.name] = cut(
          field.externalId || field.unique
            ? `${field.name.replace(/__c$/, '').slice(0, 6).toUpperCase()}-${n}`
            : /name/i.test(field.name)
              ? company.name
              : /city/i.test(field.name)
                ? company.city[0]
                : pick(words.products),
        );
    }
  }
  return values;
}
