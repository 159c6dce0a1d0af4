import type { RecordStore, Stored, StoredRecord } from './record-store.ts';
import { makeId } from './record-store.ts';

/** mulberry32: small, fast and the same on every machine, which is all that sample data asks of randomness. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const STEMS = [
  'Harbor',
  'Northwind',
  'Blue Heron',
  'Meridian',
  'Cedar',
  'Granite',
  'Lakeshore',
  'Summit',
  'Ironwood',
  'Copper',
  'Evergreen',
  'Atlas',
  'Pioneer',
  'Sterling',
  'Redwood',
  'Falcon',
  'Aurora',
  'Keystone',
  'Silverline',
  'Beacon',
  'Orchard',
  'Vanguard',
  'Juniper',
  'Crescent',
  'Tidewater',
  'Alder',
  'Cobalt',
  'Delta',
  'Echo',
  'Foxglove',
  'Garnet',
  'Hollis',
  'Ivory',
  'Jasper',
  'Kestrel',
  'Linden',
  'Magnolia',
  'Nimbus',
  'Opal',
  'Pinnacle',
];
const TRADES = [
  'Logistics',
  'Foods',
  'Instruments',
  'Textiles',
  'Energy',
  'Software',
  'Marine',
  'Robotics',
  'Pharma',
  'Packaging',
  'Steel',
  'Optics',
  'Freight',
  'Furniture',
  'Paper',
  'Ceramics',
  'Motors',
  'Farms',
  'Media',
  'Analytics',
];
const SUFFIXES = ['Inc.', 'LLC', 'GmbH', 'Ltd', 'Group', 'AG', 'S.A.', 'Co.', 'BV', 'Partners'];
const CITIES = [
  ['Hamburg', 'HH', '20095', 'Germany', '+49 40'],
  ['Rotterdam', 'ZH', '3011 AD', 'Netherlands', '+31 10'],
  ['Seattle', 'WA', '98101', 'United States', '+1 206'],
  ['Oakland', 'CA', '94607', 'United States', '+1 510'],
  ['Savannah', 'GA', '31401', 'United States', '+1 912'],
  ['Lyon', 'ARA', '69002', 'France', '+33 4'],
  ['Göteborg', 'VG', '411 03', 'Sweden', '+46 31'],
  ['Porto', '13', '4000-069', 'Portugal', '+351 22'],
  ['Felixstowe', 'SFK', 'IP11 3SY', 'United Kingdom', '+44 1394'],
  ['Gdańsk', 'PM', '80-001', 'Poland', '+48 58'],
  ['Yokohama', '14', '220-0011', 'Japan', '+81 45'],
  ['Vancouver', 'BC', 'V6B 1A1', 'Canada', '+1 604'],
  ['Zürich', 'ZH', '8001', 'Switzerland', '+41 44'],
  ['Antwerpen', 'VAN', '2000', 'Belgium', '+32 3'],
  ['Charleston', 'SC', '29401', 'United States', '+1 843'],
] as const;
const STREETS = [
  'Harbor Street',
  'Dock Road',
  'Mill Lane',
  'Station Avenue',
  'Quay Street',
  'Market Square',
  'Canal Street',
  'Foundry Way',
  'Bridge Road',
  'Pier Avenue',
];
const FIRST = [
  'Anna',
  'Luis',
  'Mei',
  'Priya',
  'Jonas',
  'Sofia',
  'Omar',
  'Grace',
  'Ivan',
  'Chloé',
  'Mateus',
  'Yuki',
  'Nora',
  'Samuel',
  'Zoë',
  'Henrik',
  'Aisha',
  'Bruno',
  'Elena',
  'Tomasz',
];
const LAST = [
  'Müller',
  'García',
  'Chen',
  'Patel',
  'Nyström',
  'Rossi',
  'Haddad',
  'Okafor',
  'Petrov',
  'Dubois',
  'Silva',
  'Tanaka',
  'Larsen',
  'Brooks',
  'Vermeulen',
  'Kowalski',
  'Ahmed',
  'Costa',
  'Novak',
  'Wójcik',
  'O’Neill',
  'Smith',
];
const TITLES = [
  'Buyer',
  'Head of Logistics',
  'Chief Financial Officer',
  'Warehouse Manager',
  'Procurement Lead',
  'Operations Director',
  'IT Manager',
  'Sales Engineer',
];

export interface SampleCompany {
  readonly number: number;
  readonly erpId: string;
  readonly name: string;
  readonly domain: string;
  readonly city: (typeof CITIES)[number];
  readonly street: string;
}

/** Company `n` of the sample world; the files in `examples/` are about the same companies. */
export function sampleCompany(n: number): SampleCompany {
  const random = seededRandom(n * 7919 + 17);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const stem = pick(STEMS);
  const trade = pick(TRADES);
  const name = `${stem} ${trade} ${pick(SUFFIXES)}`;
  return {
    number: n,
    erpId: `ERP-${String(100000 + n)}`,
    name,
    domain: `${stem}-${trade}-${n}.example`.toLowerCase().replaceAll(' ', '-'),
    city: pick(CITIES),
    street: `${1 + Math.floor(random() * 240)} ${pick(STREETS)}`,
  };
}

const INDUSTRIES = [
  'Agriculture',
  'Banking',
  'Construction',
  'Energy',
  'Engineering',
  'Food & Beverage',
  'Manufacturing',
  'Retail',
  'Shipping',
  'Technology',
  'Transportation',
];
const ACCOUNT_TYPES = [
  'Prospect',
  'Customer - Direct',
  'Customer - Channel',
  'Channel Partner / Reseller',
  'Technology Partner',
  'Other',
];

function isoDay(random: () => number, from: number, years: number): string {
  return new Date(Date.UTC(from, 0, 1) + Math.floor(random() * years * 365) * 86_400_000).toISOString().slice(0, 10);
}

function phoneOf(random: () => number, company: SampleCompany): string {
  return `${company.city[4]} ${100 + Math.floor(random() * 899)} ${1000 + Math.floor(random() * 8999)}`;
}

/** The account of company `n`, by API name. */
export function sampleAccount(n: number): Record<string, Stored> {
  const company = sampleCompany(n);
  const random = seededRandom(n * 104_729 + 5);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const [city, state, postal, country] = company.city;
  return {
    Name: company.name,
    ERP_Id__c: company.erpId,
    AccountNumber: `AC${String(n).padStart(6, '0')}`,
    Type: pick(ACCOUNT_TYPES),
    BillingStreet: company.street,
    BillingCity: city,
    BillingState: state,
    BillingPostalCode: postal,
    BillingCountry: country,
    Phone: phoneOf(random, company),
    Website: `https://www.${company.domain}`,
    Industry: pick(INDUSTRIES),
    AnnualRevenue: Math.round(random() * 5000) * 10_000,
    NumberOfEmployees: 5 + Math.floor(random() * 9000),
    Rating: pick(['Hot', 'Warm', 'Cold', null]),
    Ownership: pick(['Public', 'Private', null]),
    Customer_Since__c: isoDay(random, 2008, 17),
    Active__c: random() < 0.8,
    Credit_Limit__c: Math.round(random() * 500) * 500,
    Discount__c: Math.round(random() * 30),
    SLA__c: pick(['Gold', 'Silver', 'Bronze', null]),
    Billing_Email__c: `billing@${company.domain}`,
    Interests__c: pick(['Cloud;Security', 'Hardware', 'Analytics;Training', 'Services', null]),
    Last_Review__c: `${isoDay(random, 2025, 1)}T09:30:00.000Z`,
  };
}

const ORG_EPOCH = Date.UTC(2026, 0, 5, 8);

/** Fills an org with `accounts` accounts and the contacts, leads, deals, cases and shipments that go with them. */
export function generateRecords(store: RecordStore, accounts: number, seed: number): void {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const users = addUsers(store);
  store.table('Organization')?.put({
    Id: ORG_ID,
    Name: 'Practice org',
    IsSandbox: false,
    OrganizationType: 'Developer Edition',
    InstanceName: 'PR0',
  });
  const add = (objectName: string, values: Record<string, Stored>): StoredRecord => {
    const table = store.table(objectName);
    if (!table) throw new Error(`the schema has no ${objectName}`);
    const record: StoredRecord = { Id: table.nextId() };
    const created = new Date(ORG_EPOCH + Math.floor(random() * 200) * 86_400_000).toISOString().slice(0, 19);
    for (const field of table.object.fields) {
      if (field.type === 'id') continue;
      if (field.type === 'boolean') record[field.name] = false;
      else if (field.autoNumber)
        record[field.name] = `${objectName.slice(0, 1)}-${String(table.nextNumber()).padStart(7, '0')}`;
      else record[field.name] = field.defaultValue;
    }
    const owner = pick(users);
    Object.assign(record, { OwnerId: owner, CreatedById: owner, LastModifiedById: owner });
    Object.assign(record, {
      CreatedDate: `${created}.000Z`,
      LastModifiedDate: `${created}.000Z`,
      SystemModstamp: `${created}.000Z`,
    });
    Object.assign(record, values);
    if (values['LastName']) record['Name'] = [values['FirstName'], values['LastName']].filter(Boolean).join(' ');
    table.put(record);
    return record;
  };
  const options = (objectName: string, field: string): string[] =>
    store
      .table(objectName)
      ?.object.byName.get(field.toLowerCase())
      ?.picklistValues.map((entry) => entry.value) ?? [];
  const date = (from: number, years: number): string => isoDay(random, from, years);
  const phone = (company: SampleCompany): string => phoneOf(random, company);

  for (let n = 1; n <= accounts; n++) {
    const company = sampleCompany(n);
    const [city, , , country] = company.city;
    const account = add('Account', sampleAccount(n));
    if (n % 2 === 0) {
      const [first, last] = [pick(FIRST), pick(LAST)];
      add('Contact', {
        FirstName: first,
        LastName: last,
        External_Id__c: `CT-${n}`,
        AccountId: account.Id,
        Title: pick(TITLES),
        Email: `${first}.${last}.${n}@${company.domain}`
          .toLowerCase()
          .normalize('NFD')
          .replace(/[^\w.@-]/g, ''),
        Phone: phone(company),
        MailingCity: city,
        MailingCountry: country,
        Birthdate: date(1960, 40),
        Level__c: pick(['Primary', 'Secondary', null]),
      });
    }
    if (n % 5 === 0) {
      add('Opportunity', {
        Name: `${company.name} – ${pick(['Renewal', 'Expansion', 'Pilot', 'Framework contract'])}`,
        AccountId: account.Id,
        Deal_Key__c: `D-${n}`,
        StageName: pick(options('Opportunity', 'StageName')),
        CloseDate: date(2026, 2),
        Amount: Math.round(random() * 4000) * 250,
        Probability: 10 * Math.floor(random() * 10),
      });
      add('Shipment__c', {
        Tracking_Code__c: `TRK${n}`,
        Account__c: account.Id,
        Carrier__c: 'Road',
        Service__c: pick(['Express', 'Standard']),
        Status__c: pick(options('Shipment__c', 'Status__c')),
        Weight__c: Math.round(random() * 9_000_000) / 1000,
        Pieces__c: 1 + Math.floor(random() * 80),
        Arrives_On__c: date(2026, 1),
      });
    }
    if (n % 6 === 0) {
      const [first, last] = [pick(FIRST), pick(LAST)];
      add('Lead', {
        FirstName: first,
        LastName: last,
        Company: `${pick(STEMS)} ${pick(TRADES)}`,
        Lead_Key__c: `L-${n}`,
        Email: `lead${n}@${company.domain}`,
        LeadSource: 'Web',
      });
      add('Case', {
        Subject: pick(['Late delivery', 'Invoice question', 'Damaged goods', 'Portal access']),
        AccountId: account.Id,
        Ticket_Key__c: `T-${n}`,
        Priority: pick(['High', 'Medium', 'Low']),
      });
    }
    if (n % 50 === 0) {
      add('Berth__c', {
        Name: `Berth ${n / 50}`,
        Berth_Code__c: `B-${n / 50}`,
        Port_Code__c: pick(['DEHAM', 'NLRTM', 'USOAK']),
        Operator__c: account.Id,
        Depth__c: 8 + Math.floor(random() * 900) / 100,
        Opened_On__c: date(1980, 40),
      });
    }
  }
}

export const USERS = [
  { username: 'admin@practice.example', first: 'Ada', last: 'Admin', profile: 'admin', password: 'practice' },
  { username: 'standard@practice.example', first: 'Stan', last: 'Standard', profile: 'standard', password: 'practice' },
] as const;

function addUsers(store: RecordStore): string[] {
  const table = store.table('User');
  if (!table) throw new Error('the schema has no User');
  return USERS.map((user) => {
    const record: StoredRecord = {
      Id: table.nextId(),
      Username: user.username,
      FirstName: user.first,
      LastName: user.last,
      Name: `${user.first} ${user.last}`,
      Email: user.username,
      Alias: user.first.toLowerCase(),
      IsActive: true,
      FederationIdentifier: null,
      IsDeleted: false,
    };
    table.put(record);
    return record.Id;
  });
}

export const ORG_ID = makeId('00D', 1);
