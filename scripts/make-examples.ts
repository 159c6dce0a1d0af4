import { mkdir, writeFile } from 'node:fs/promises';
import iconv from 'iconv-lite';
import Papa from 'papaparse';
import { seededRandom } from '../electron/practice-org/sample/random.ts';
import { sampleAccount, sampleCompany } from '../electron/practice-org/sample/sample-company.ts';

/** Makes the files in `examples/`: about the same companies as the practice org, with problems planted on purpose. */

const EXAMPLES = new URL('../examples/', import.meta.url);
/** Accounts the practice org starts with; the file's other rows are new to it. */
const IN_ORG = 2400;

const random = seededRandom(2026);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** What an ERP system would know better than the org: one to three fields. */
function change(account: ReturnType<typeof sampleAccount>): void {
  const changes: [string, () => string | number][] = [
    ['Phone', () => `+49 40 ${100 + Math.floor(random() * 899)} ${1000 + Math.floor(random() * 8999)}`],
    ['NumberOfEmployees', () => Number(account['NumberOfEmployees']) + 1 + Math.floor(random() * 60)],
    ['AnnualRevenue', () => Number(account['AnnualRevenue']) + 10_000 * (1 + Math.floor(random() * 90))],
    ['Rating', () => pick(['Hot', 'Warm', 'Cold'])],
    ['BillingStreet', () => `${1 + Math.floor(random() * 240)} ${pick(['Kaistraße', 'Quay Street', 'Dock Road'])}`],
    ['SLA__c', () => pick(['Gold', 'Silver', 'Bronze', 'Platinum'])],
  ];
  for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
    const [field, value] = pick(changes);
    account[field] = value();
  }
}

function accounts(): string {
  const header = [
    'ERP Id',
    'Account Name',
    'Type',
    'Industry',
    'Rating',
    'Phone',
    'Website',
    'Billing Street',
    'Billing City',
    'Zip',
    'Billing Country',
    'Employees',
    'Annual Revenue',
    'Customer Since',
    'Active',
    'Credit Limit',
    'Discount',
    'SLA',
    'Interests',
    'Billing Email',
    'Sales Region',
  ];
  const rows: string[][] = [];
  for (let n = 1; n <= 5000; n++) {
    // Two thousand companies the org knows, most of them as they are, then new ones.
    const known = n <= 2000;
    const account = sampleAccount(known ? n : IN_ORG + n);
    if (known && random() < 0.42) change(account);
    const text = (field: string): string => String(account[field] ?? '');
    rows.push([
      text('ERP_Id__c'),
      text('Name'),
      text('Type'),
      text('Industry'),
      text('Rating'),
      text('Phone'),
      text('Website'),
      text('BillingStreet'),
      text('BillingCity'),
      text('BillingPostalCode'),
      text('BillingCountry'),
      text('NumberOfEmployees'),
      text('AnnualRevenue'),
      text('Customer_Since__c'),
      account['Active__c'] ? 'yes' : 'no',
      text('Credit_Limit__c'),
      text('Discount__c'),
      text('SLA__c'),
      text('Interests__c'),
      text('Billing_Email__c'),
      pick(['North', 'South', 'East', 'West']),
    ]);
  }
  const column = (name: string): number => header.indexOf(name);
  const plant = (row: number, name: string, value: string): void => {
    const cells = rows[row - 1];
    if (cells) cells[column(name)] = value;
  };
  for (const row of [12, 340, 1207, 2650, 4100]) plant(row, 'Rating', 'Hott');
  for (const row of [88, 901]) plant(row, 'Rating', 'Lukewarm');
  for (const row of [45, 777, 3021]) plant(row, 'Employees', pick(['about 20', 'n/a', '12 to 15']));
  for (const row of [150, 2222]) plant(row, 'Customer Since', '2024-02-30');
  for (const row of [151, 3333]) plant(row, 'Customer Since', 'last spring');
  plant(4444, 'Customer Since', '0019-05-01');
  for (const row of [205, 1999, 4210]) plant(row, 'Billing Email', pick(['billing@', 'info at harbor.example', 'a@b']));
  for (const row of [260, 2780]) plant(row, 'Active', 'maybe');
  for (const row of [310, 3710, 4710]) plant(row, 'ERP Id', '');
  for (const row of [402, 1402]) plant(row, 'Discount', '12345.678');
  for (const row of [455, 2455]) plant(row, 'SLA', 'Diamond');
  for (const row of [512, 3512]) plant(row, 'Interests', 'Cloud;Blockchain');
  plant(600, 'Billing City', 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch');
  for (const row of [2601, 3601]) plant(row, 'Account Name', '');
  // The same key twice: once identical, twice with other values.
  rows.splice(2099, 0, [...(rows[2098] ?? [])]);
  const clash = [...(rows[3098] ?? [])];
  clash[column('Phone')] = '+49 40 555 0100';
  rows.splice(3099, 0, clash);
  for (const row of [700, 701, 702]) plant(row, 'Annual Revenue', '$1,250,000');
  for (const row of [703, 704]) plant(row, 'Account Name', `  ${rows[row - 1]?.[1] ?? ''} `);
  rows.length = 5000;
  const text = Papa.unparse([header, ...rows], { newline: '\n' });
  const lines = text.split('\n');
  // Two rows that a spreadsheet would never write and an export script does.
  lines[1500] = `${lines[1500] ?? ''},stray`;
  lines[1600] = (lines[1600] ?? '').split(',').slice(0, 9).join(',');
  return `${lines.join('\n')}\n`;
}

function contacts(): string {
  const header = [
    'External Id',
    'First Name',
    'Last Name',
    'Title',
    'Email',
    'Phone',
    'Account.ERP_Id__c',
    'Birthdate',
    'Level',
    'Languages',
    'Email Opt Out',
  ];
  const rows = Array.from({ length: 1200 }, (_, index): string[] => {
    const n = index + 1;
    const company = sampleCompany(1 + Math.floor(random() * IN_ORG));
    const first = pick(['Anna', 'Luis', 'Mei', 'Priya', 'Jonas', 'Sofia', 'Omar', 'Grace', 'Chloé', 'Yuki']);
    const last = pick(['Müller', 'García', 'Chen', 'Patel', 'Rossi', 'Okafor', 'Dubois', 'Tanaka', 'Larsen', 'Brooks']);
    const email = `${first}.${last}.${n}@${company.domain}`
      .toLowerCase()
      .normalize('NFD')
      .replace(/[^\w.@-]/g, '');
    return [
      `CT-${n}`,
      first,
      last,
      pick(['Buyer', 'Operations Director', 'Warehouse Manager', 'IT Manager']),
      email,
      `${company.city[4]} 555 ${1000 + n}`,
      n % 150 === 0 ? `ERP-9${String(n).padStart(5, '0')}` : company.erpId,
      new Date(Date.UTC(1960, 0, 1) + Math.floor(random() * 14_000) * 86_400_000).toISOString().slice(0, 10),
      pick(['Primary', 'Secondary', 'Tertiary', '']),
      pick(['English', 'English;German', 'French', '']),
      pick(['0', '1']),
    ];
  });
  return `${Papa.unparse([header, ...rows], { newline: '\r\n' })}\r\n`;
}

function kunden(): Buffer {
  const header = [
    'ERP Id',
    'Firma',
    'Straße',
    'PLZ',
    'Ort',
    'Land',
    'Telefon',
    'Webseite',
    'Umsatz',
    'Mitarbeiter',
    'Customer Since',
  ];
  const rows = Array.from({ length: 800 }, (_, index): string[] => {
    const n = index + 1;
    const trade = pick(['Spedition', 'Käserei', 'Möbelhaus', 'Maschinenbau', 'Bäckerei', 'Großhandel']);
    const [ort, plz] = pick([
      ['Köln', '50667'],
      ['München', '80331'],
      ['Düsseldorf', '40213'],
      ['Nürnberg', '90402'],
      ['Lübeck', '23552'],
    ] as const);
    const day = 1 + Math.floor(random() * 28);
    const month = 1 + Math.floor(random() * 12);
    return [
      `ERP-DE-${1000 + n}`,
      `${trade} ${pick(['Schröder', 'Jäger', 'Weiß', 'König', 'Böhm'])} ${pick(['GmbH', 'KG', 'AG', 'e. K.'])}`,
      `${pick(['Hauptstraße', 'Königsallee', 'Gänsemarkt', 'Mühlenweg'])} ${1 + Math.floor(random() * 120)}`,
      plz,
      ort,
      'Deutschland',
      `0${200 + Math.floor(random() * 700)} ${10000 + n}`,
      `https://www.kunde-${n}.example`,
      `${1 + Math.floor(random() * 900)}.${String(Math.floor(random() * 1000)).padStart(3, '0')}.000,00 €`,
      String(1 + Math.floor(random() * 400)),
      `${String(day).padStart(2, '0')}.${String(month).padStart(2, '0')}.${2005 + (n % 20)}`,
    ];
  });
  return iconv.encode(`${Papa.unparse([header, ...rows], { delimiter: ';', newline: '\r\n' })}\r\n`, 'windows-1252');
}

await mkdir(EXAMPLES, { recursive: true });
await writeFile(new URL('accounts.csv', EXAMPLES), accounts());
await writeFile(new URL('contacts.csv', EXAMPLES), contacts());
await writeFile(new URL('kunden.csv', EXAMPLES), kunden());
